internal import CLADSPA
internal import EarmarkLive

/// Number of a control port, counted from the first behind the audio ports.
enum Control: Int, CaseIterable {
    /// Which ticket: 0 is `$EARMARK_TICKET`, others files of `$EARMARK_TICKET_DIR`.
    case slot
    /// Seconds into the meeting at the start, unless `clock` is on.
    case time
    /// Whether the meeting's time follows from the system's clock.
    case clock
    /// 0 standard, 1 transparent, 2 robust.
    case strength
    /// Output: 1 while audio is marked.
    case marking
    /// Output: seconds that carry the mark.
    case markedSeconds
    /// Output: why audio is not marked, as `earmark_status`; 0 if it is.
    case status

    var isOutput: Bool { rawValue >= Control.marking.rawValue }
}

/// One plugin instance: `channels` channels in and out.
@safe struct Instance: ~Copyable {
    private let channels: Int
    private var engine: PluginEngine
    private let ports: UnsafeMutablePointer<UnsafeMutablePointer<LADSPA_Data>?>
    /// The output ports once more, without optionals.
    private let planes: UnsafeMutablePointer<UnsafeMutablePointer<Float>>

    init(channels: Int, sampleRate: Double) {
        self.channels = channels
        engine = PluginEngine(channels: channels, sampleRate: sampleRate)
        let count = 2 * channels + Control.allCases.count
        unsafe ports = .allocate(capacity: count)
        unsafe ports.initialize(repeating: nil, count: count)
        unsafe planes = .allocate(capacity: channels)
    }

    deinit {
        unsafe ports.deallocate()
        unsafe planes.deallocate()
    }

    mutating func connect(_ port: Int, _ data: UnsafeMutablePointer<LADSPA_Data>?) {
        guard port >= 0, port < 2 * channels + Control.allCases.count else { return }
        unsafe ports[port] = data
    }

    mutating func activate() {
        let slot = Int32(min(max(value(.slot), 0), 9_999))
        unsafe engine.activate(controls, path: nil, slot: slot)
        publish()
    }

    /// Marks, or passes through what cannot be marked.
    mutating func run(_ frames: Int) {
        // A host may connect its controls only after activation.
        if !engine.isActive { activate() }
        for channel in 0..<channels {
            guard let input = unsafe ports[channel], let output = unsafe ports[channels + channel] else { return }
            if unsafe input != output { unsafe output.update(from: input, count: frames) }
            unsafe planes[channel] = output
        }
        unsafe engine.process(planes, frames: frames, controls)
        publish()
    }

    private var controls: PluginEngine.Controls {
        .init(time: value(.time), followsClock: value(.clock) > 0.5, strength: value(.strength))
    }

    private func publish() {
        set(.marking, engine.isMarking ? 1 : 0)
        set(.markedSeconds, Float(engine.markedSeconds))
        set(.status, Float(engine.status))
    }

    private func value(_ control: Control) -> Float {
        guard let port = unsafe ports[2 * channels + control.rawValue] else { return control == .clock ? 1 : 0 }
        return unsafe port.pointee
    }

    private func set(_ control: Control, _ value: Float) {
        unsafe ports[2 * channels + control.rawValue]?.pointee = value
    }
}
