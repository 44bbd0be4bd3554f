internal import CLV2
internal import EarmarkLive

/// Number of a control port behind the audio ports; the bundle's Turtle files say the same.
enum Control: Int, CaseIterable {
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
    /// Output: frames of delay, 0.
    case latency
}

/// One plugin instance: `channels` channels in and out, its ticket in the state or `$EARMARK_TICKET`.
@safe struct Instance: ~Copyable {
    private let channels: Int
    private var engine: PluginEngine
    private let map: UnsafePointer<LV2_URID_Map>?
    private let ports: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
    private let planes: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
    /// The ticket's path from the state, ended by a zero; empty where the environment names the ticket.
    private var path: [CChar] = []

    init(channels: Int, sampleRate: Double, map: UnsafePointer<LV2_URID_Map>?) {
        self.channels = channels
        unsafe self.map = map
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

    mutating func connect(_ port: Int, _ data: UnsafeMutableRawPointer?) {
        guard port >= 0, port < 2 * channels + Control.allCases.count else { return }
        unsafe ports[port] = data?.assumingMemoryBound(to: Float.self)
    }

    mutating func activate() {
        if path.isEmpty {
            unsafe engine.activate(controls, path: nil, slot: 0)
        } else {
            unsafe engine.activate(controls, path: path, slot: 0)
        }
        publish()
    }

    /// Marks, or passes through what cannot be marked.
    mutating func run(_ frames: Int) {
        for channel in 0..<channels {
            guard let input = unsafe ports[channel], let output = unsafe ports[channels + channel] else { return }
            if unsafe input != output { unsafe output.update(from: input, count: frames) }
            unsafe planes[channel] = output
        }
        unsafe engine.process(planes, frames: frames, controls)
        publish()
    }

    func save(
        _ store: LV2_State_Store_Function?, _ handle: LV2_State_Handle?,
        _ features: UnsafePointer<UnsafePointer<LV2_Feature>?>?
    ) -> LV2_State_Status {
        guard let map = unsafe map else { return LV2_STATE_ERR_NO_FEATURE }
        if path.isEmpty { return LV2_STATE_SUCCESS }
        return unsafe earmark_lv2_save(store, handle, features, map, path)
    }

    /// Takes over the ticket of a state; while the plugin runs, at once.
    mutating func restore(
        _ retrieve: LV2_State_Retrieve_Function?, _ handle: LV2_State_Handle?,
        _ features: UnsafePointer<UnsafePointer<LV2_Feature>?>?
    ) -> LV2_State_Status {
        guard let map = unsafe map else { return LV2_STATE_ERR_NO_FEATURE }
        var found = [CChar](repeating: 0, count: PluginEngine.longestPath)
        if unsafe earmark_lv2_restore(retrieve, handle, features, map, &found, found.count) != 0 { path = found }
        if engine.isActive { activate() }
        return LV2_STATE_SUCCESS
    }

    private var controls: PluginEngine.Controls {
        .init(time: value(.time), followsClock: value(.clock) > 0.5, strength: value(.strength))
    }

    private func publish() {
        set(.marking, engine.isMarking ? 1 : 0)
        set(.markedSeconds, Float(engine.markedSeconds))
        set(.status, Float(engine.status))
        set(.latency, 0)
    }

    private func value(_ control: Control) -> Float {
        guard let port = unsafe ports[2 * channels + control.rawValue] else { return control == .clock ? 1 : 0 }
        return unsafe port.pointee
    }

    private func set(_ control: Control, _ value: Float) {
        unsafe ports[2 * channels + control.rawValue]?.pointee = value
    }
}
