internal import CLV2
internal import EarmarkLive
internal import EarmarkMark

/// One plugin instance: `channels` channels in and out, its ticket in the state or `$EARMARK_TICKET`.
///
/// The bundle's Turtle files number the ports as `PluginPorts` does, and one more behind them: the delay in frames,
/// which is 0.
@safe struct Instance: ~Copyable {
    private var ports: PluginPorts
    private let map: UnsafePointer<LV2_URID_Map>?
    /// The ticket's path from the state, ended by a zero; empty where the environment names the ticket.
    private var path: [CChar] = []

    init(channels: Int, sampleRate: Double, role: MarkRole, map: UnsafePointer<LV2_URID_Map>?) {
        unsafe self.map = map
        ports = PluginPorts(channels: channels, sampleRate: sampleRate, role: role, before: 0, after: 1)
    }

    mutating func connect(_ port: Int, _ data: UnsafeMutableRawPointer?) {
        unsafe ports.connect(port, data?.assumingMemoryBound(to: Float.self))
    }

    mutating func activate() {
        if path.isEmpty {
            unsafe ports.activate(path: nil, slot: 0)
        } else {
            unsafe ports.activate(path: path, slot: 0)
        }
        publishLatency()
    }

    /// Marks, or passes through what cannot be marked.
    mutating func run(_ frames: Int) {
        ports.run(frames)
        publishLatency()
    }

    private func publishLatency() { ports.set(control: PluginPorts.Control.allCases.count, to: 0) }

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
        if ports.isActive { activate() }
        return LV2_STATE_SUCCESS
    }
}
