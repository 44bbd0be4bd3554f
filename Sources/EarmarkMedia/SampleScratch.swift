internal import CFFmpeg

/// Turns decoded frames of any sample format into planar float, and removes what is no number.
struct SampleScratch: ~Copyable {
    /// Most channels handed on.
    static let maximumChannels = 64
    /// Values beyond this are damage: no scale of audio reaches it, not even integers of 24 bits written as floats.
    static let largestMagnitude: Float = 1e8
    /// What a program believes of its decoder: resampling may overshoot, and the square still fits a `Float`.
    static let largestDelivered: Float = 1e9

    private var storage: UnsafeMutablePointer<Float>
    private var capacity: Int
    /// Channels that were mixed.
    private var mixed: UnsafeMutablePointer<Float>?
    /// One pointer for each channel of the last frame.
    private(set) var planes: [UnsafePointer<Float>] = []
    /// Values so far, and those of them that were replaced: what is no number by 0, what is beyond all scales by the
    /// largest value before it.
    private(set) var samples: (all: Int64, replaced: Int64) = (0, 0)
    /// Largest value so far, at least full scale.
    private var peak: Float = 1
    /// What integers of a container are multiplied by.
    private let gain: Float

    init(gain: Float = 1) {
        self.gain = gain
        capacity = 8192
        storage = .allocate(capacity: capacity)
    }

    deinit {
        storage.deallocate()
        mixed?.deallocate()
    }

    /// Makes `planes`, which are all channels of a frame of `count` samples, some of the first `channels` channels,
    /// each the mean of itself and of those that lie `channels`, twice as many and so on behind it.
    mutating func fold(to selection: Range<Int>, of channels: Int, count: Int) {
        mixed?.deallocate()
        let target = UnsafeMutablePointer<Float>.allocate(capacity: selection.count * count)
        mixed = target
        planes = selection.map { channel in
            let sources = stride(from: channel, to: planes.count, by: channels).map { planes[$0] }
            let plane = target + (channel - selection.lowerBound) * count
            for index in 0..<count {
                plane[index] = sources.reduce(0) { $0 + $1[index] } / Float(sources.count)
            }
            return UnsafePointer(plane)
        }
    }

    /// Makes `planes` some channels of `frame`; false if its sample format is unknown.
    mutating func load(_ frame: UnsafeMutablePointer<AVFrame>, channels: Range<Int>) -> Bool {
        let count = Int(frame.pointee.nb_samples)
        let total = Int(frame.pointee.ch_layout.nb_channels)
        let format = AVSampleFormat(rawValue: frame.pointee.format)
        guard let data = frame.pointee.extended_data, !channels.isEmpty, channels.lowerBound >= 0,
            channels.upperBound <= total, count > 0
        else { return false }
        let isPlanar = ffmpeg.av_sample_fmt_is_planar(format) != 0
        let planeBytes = UnsafeBufferPointer(
            start: data + (isPlanar ? channels.lowerBound : 0), count: isPlanar ? channels.count : 1)
        guard planeBytes.allSatisfy({ $0 != nil }) else { return false }
        planes.removeAll(keepingCapacity: true)
        samples.all += Int64(count) * Int64(channels.count)
        if format == AV_SAMPLE_FMT_FLTP {
            loadPlanarFloat(planeBytes, count: count)
            return true
        }
        reserve(channels.count * count)
        for channel in 0..<channels.count {
            guard let bytes = planeBytes[isPlanar ? channel : 0] else { return false }
            let from = (UnsafeRawPointer(bytes), isPlanar ? 0 : channels.lowerBound + channel, isPlanar ? 1 : total)
            let target = storage + channel * count
            guard convert(format, from, count, target) else { return false }
            planes.append(UnsafePointer(target))
        }
        return true
    }

    /// Points at the decoder's own samples, unless one of them must be replaced.
    private mutating func loadPlanarFloat(_ data: UnsafeBufferPointer<UnsafeMutablePointer<UInt8>?>, count: Int) {
        var mustCopy = false
        for bytes in data {
            guard let bytes else { continue }
            let samples = UnsafeRawPointer(bytes).assumingMemoryBound(to: Float.self)
            mustCopy = mustCopy || SampleScratch.holdsInvalid(samples, count, beyond: SampleScratch.largestMagnitude)
            planes.append(samples)
        }
        guard mustCopy else { return }
        reserve(planes.count * count)
        for channel in planes.indices {
            let target = storage + channel * count
            for index in 0..<count { target[index] = valid(planes[channel][index]) }
            planes[channel] = UnsafePointer(target)
        }
    }

    /// No branch in the loop, so that it vectorises.
    static func holdsInvalid(_ samples: UnsafePointer<Float>, _ count: Int, beyond limit: Float) -> Bool {
        let limit = limit.bitPattern
        var found: UInt32 = 0
        // As integers, NaN and infinity lie above every finite magnitude.
        for index in 0..<count { found |= samples[index].bitPattern & 0x7FFF_FFFF > limit ? 1 : 0 }
        return found != 0
    }

    private mutating func valid(_ sample: Float) -> Float {
        if sample.magnitude <= SampleScratch.largestMagnitude {
            peak = max(peak, sample.magnitude)
            return sample
        }
        samples.replaced += 1
        return sample.isNaN ? 0 : sample < 0 ? -peak : peak
    }

    private mutating func convert(
        _ format: AVSampleFormat, _ from: (base: UnsafeRawPointer, first: Int, step: Int), _ count: Int,
        _ target: UnsafeMutablePointer<Float>
    ) -> Bool {
        switch format {
        case AV_SAMPLE_FMT_U8, AV_SAMPLE_FMT_U8P:
            each(from, count, target) { (sample: UInt8) in (Float(sample) - 128) / 128 }
        case AV_SAMPLE_FMT_S16, AV_SAMPLE_FMT_S16P:
            let scale = gain / 32_768
            each(from, count, target) { (sample: Int16) in Float(sample) * scale }
        case AV_SAMPLE_FMT_S32, AV_SAMPLE_FMT_S32P:
            let scale = gain / 2_147_483_648
            each(from, count, target) { (sample: Int32) in Float(sample) * scale }
        case AV_SAMPLE_FMT_S64, AV_SAMPLE_FMT_S64P:
            each(from, count, target) { (sample: Int64) in Float(sample) / 9_223_372_036_854_775_808 }
        case AV_SAMPLE_FMT_FLT, AV_SAMPLE_FMT_FLTP:
            each(from, count, target) { (sample: Float) in sample }
            clean(target, count)
        case AV_SAMPLE_FMT_DBL, AV_SAMPLE_FMT_DBLP:
            each(from, count, target) { (sample: Double) in Float(sample) }
            clean(target, count)
        default: return false
        }
        return true
    }

    @inline(__always)
    private func each<Sample>(
        _ from: (base: UnsafeRawPointer, first: Int, step: Int), _ count: Int, _ target: UnsafeMutablePointer<Float>,
        _ value: (Sample) -> Float
    ) {
        let samples = from.base.assumingMemoryBound(to: Sample.self) + from.first
        if from.step == 1 {
            // One after the other: this loop vectorises.
            for index in 0..<count { target[index] = value(samples[index]) }
        } else {
            for index in 0..<count { target[index] = value(samples[index * from.step]) }
        }
    }

    private mutating func clean(_ samples: UnsafeMutablePointer<Float>, _ count: Int) {
        guard SampleScratch.holdsInvalid(samples, count, beyond: SampleScratch.largestMagnitude) else { return }
        for index in 0..<count { samples[index] = valid(samples[index]) }
    }

    private mutating func reserve(_ count: Int) {
        guard count > capacity else { return }
        storage.deallocate()
        capacity = count
        storage = .allocate(capacity: capacity)
    }
}
