import CLADSPA
import CLV2
import EarmarkLADSPA
import EarmarkLV2
import EarmarkTestSupport

/// A media program with one instance of a plugin, called through LADSPA's or LV2's own interface.
final class PluginHost {
    enum Kind: CaseIterable { case ladspa, lv2 }
    /// A control of docs/live.md, "Plugins"; LADSPA's first is LV2's absent, LV2's last is LADSPA's absent.
    enum Control: Int, CaseIterable {
        case slot, time, clock, strength, marking, marked, status, latency
    }
    struct Missing: Error {}

    let channels: Int
    private let firstControl: Int
    private let controls = UnsafeMutablePointer<Float>.allocate(capacity: Control.allCases.count)
    private let connectPort: (Int, UnsafeMutablePointer<Float>?) -> Void
    private let runFrames: (Int) -> Void
    private let cleanUp: () -> Void
    /// Tells the plugin that it begins.
    let activate: () -> Void
    /// The instance, for LV2's extensions.
    let handle: UnsafeMutableRawPointer

    /// Values that the plugin reads as "clock off, second 100", and sentinels where it writes.
    init(
        _ kind: Kind, channels: Int = 1, isMicrophone: Bool = false, rate: Double = 16_000, connects: Bool = true,
        features: UnsafePointer<UnsafePointer<LV2_Feature>?>? = nil
    ) throws {
        self.channels = channels
        controls.initialize(repeating: -7, count: Control.allCases.count)
        firstControl = 2 * channels - (kind == .lv2 ? 1 : 0)
        // One channel and two, and the same again for microphones.
        let index = channels - 1 + (isMicrophone ? 2 : 0)
        switch kind {
        case .ladspa:
            guard let descriptor = ladspa_descriptor(UInt(index)),
                let made = descriptor.pointee.instantiate?(descriptor, UInt(rate))
            else { throw Missing() }
            handle = made
            connectPort = { descriptor.pointee.connect_port?(made, UInt($0), $1) }
            activate = { descriptor.pointee.activate?(made) }
            runFrames = { descriptor.pointee.run?(made, UInt($0)) }
            cleanUp = { descriptor.pointee.cleanup?(made) }
        case .lv2:
            guard let descriptor = lv2_descriptor(UInt32(index)),
                let made = descriptor.pointee.instantiate?(descriptor, rate, "/", features)
            else { throw Missing() }
            handle = made
            connectPort = { descriptor.pointee.connect_port?(made, UInt32($0), $1) }
            activate = { descriptor.pointee.activate?(made) }
            runFrames = { descriptor.pointee.run?(made, UInt32($0)) }
            cleanUp = { descriptor.pointee.cleanup?(made) }
        }
        self[.slot] = 0
        self[.time] = 100
        self[.clock] = 0
        self[.strength] = 0
        if connects {
            for control in Control.allCases where kind == .lv2 ? control != .slot : control != .latency {
                connect(control)
            }
        }
    }

    deinit {
        cleanUp()
        controls.deallocate()
    }

    subscript(_ control: Control) -> Float {
        get { controls[control.rawValue] }
        set { controls[control.rawValue] = newValue }
    }

    func connect(_ control: Control) {
        connectPort(firstControl + control.rawValue, controls + control.rawValue)
    }

    /// Runs `samples`, one array for each channel, in blocks, and returns what comes out.
    func run(_ samples: [[Float]], block: Int = 512, inPlace: Bool = false) -> [[Float]] {
        let count = samples[0].count
        let memory = (0..<2 * channels).map { _ in UnsafeMutablePointer<Float>.allocate(capacity: count) }
        defer {
            for (port, pointer) in memory.enumerated() {
                connectPort(port, nil)
                pointer.deallocate()
            }
        }
        for channel in 0..<channels {
            memory[channel].initialize(from: samples[channel], count: count)
            memory[channels + channel].initialize(repeating: 0.5, count: count)
        }
        for start in stride(from: 0, to: count, by: block) {
            for channel in 0..<channels {
                connectPort(channel, memory[channel] + start)
                connectPort(channels + channel, memory[inPlace ? channel : channels + channel] + start)
            }
            runFrames(min(block, count - start))
        }
        return (0..<channels).map { channel in
            Array(UnsafeBufferPointer(start: memory[inPlace ? channel : channels + channel], count: count))
        }
    }
}
