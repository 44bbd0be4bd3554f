public import EarmarkMark

/// The ports of a plugin: `channels` in, `channels` out, then its controls; what LADSPA and LV2 have in common.
///
/// A host says where each port's data lies, and may leave controls unconnected.
@safe public struct PluginPorts: ~Copyable {
    /// The controls that both interfaces have, in this order.
    public enum Control: Int, CaseIterable, Sendable {
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

        /// What stands in for a control that is not connected.
        fileprivate var standard: Float { self == .clock ? 1 : 0 }
    }

    private let channels: Int
    private let portCount: Int
    /// Port of the first common control.
    private let firstControl: Int
    private var engine: PluginEngine
    private let ports: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
    /// The output ports once more, without optionals.
    private let planes: UnsafeMutablePointer<UnsafeMutablePointer<Float>>

    /// A plugin with `before` controls of its own in front of the common ones and `after` behind them.
    public init(channels: Int, sampleRate: Double, role: MarkRole, before: Int, after: Int) {
        self.channels = channels
        firstControl = 2 * channels + before
        portCount = firstControl + Control.allCases.count + after
        engine = PluginEngine(channels: channels, sampleRate: sampleRate, role: role)
        unsafe ports = .allocate(capacity: portCount)
        unsafe ports.initialize(repeating: nil, count: portCount)
        unsafe planes = .allocate(capacity: channels)
    }

    deinit {
        unsafe ports.deallocate()
        unsafe planes.deallocate()
    }

    /// Whether `activate` was called.
    public var isActive: Bool { engine.isActive }

    /// Says where the data of `port` lies; there may be no such port.
    public mutating func connect(_ port: Int, _ data: UnsafeMutablePointer<Float>?) {
        guard port >= 0, port < portCount else { return }
        unsafe ports[port] = data
    }

    /// Makes the embedder; not for the audio thread.
    ///
    /// `path` and `slot` as for `PluginEngine.activate`.
    public mutating func activate(path: UnsafePointer<CChar>?, slot: Int32) {
        unsafe engine.activate(controls, path: path, slot: slot)
        publish()
    }

    /// Marks, or passes through what cannot be marked.
    public mutating func run(_ frames: Int) {
        for channel in 0..<channels {
            guard let input = unsafe ports[channel], let output = unsafe ports[channels + channel] else { return }
            if unsafe input != output { unsafe output.update(from: input, count: frames) }
            unsafe planes[channel] = output
        }
        unsafe engine.process(planes, frames: frames, controls)
        publish()
    }

    /// Value of the plugin's own control number `index`, counted from the first behind the audio ports; nil if it is
    /// not connected.
    public func value(ofControl index: Int) -> Float? {
        guard index >= 0, 2 * channels + index < portCount else { return nil }
        return unsafe ports[2 * channels + index]?.pointee
    }

    /// Sets an output of the plugin's own, numbered like `value(ofControl:)`.
    public func set(control index: Int, to value: Float) {
        guard index >= 0, 2 * channels + index < portCount else { return }
        unsafe ports[2 * channels + index]?.pointee = value
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
        unsafe ports[firstControl + control.rawValue]?.pointee ?? control.standard
    }

    private func set(_ control: Control, _ value: Float) {
        unsafe ports[firstControl + control.rawValue]?.pointee = value
    }
}
