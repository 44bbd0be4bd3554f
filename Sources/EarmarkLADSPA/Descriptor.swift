public import CLADSPA
internal import EarmarkMark

// LADSPA's entry point and the plugins behind it. Descriptors are made once and never freed, as the interface
// demands.

/// The plugins: one channel and two, for what is played and for what a microphone sends, with numbers
/// from the range that is free for private use.
///
/// Written once, before anybody reads.
nonisolated(unsafe) private let plugins = unsafe [
    makeDescriptor(channels: 1, id: 941, label: "earmark_mono", name: "Earmark watermark (mono)"),
    makeDescriptor(channels: 2, id: 942, label: "earmark_stereo", name: "Earmark watermark (stereo)"),
    makeDescriptor(
        channels: 1, id: firstMicrophoneID, label: "earmark_microphone_mono", name: "Earmark microphone tag (mono)"),
    makeDescriptor(
        channels: 2, id: firstMicrophoneID + 1, label: "earmark_microphone_stereo",
        name: "Earmark microphone tag (stereo)"),
]

/// Number from which on plugins mark what a microphone sends.
private let firstMicrophoneID: UInt = 943

/// LADSPA's entry point.
@c(ladspa_descriptor) @implementation
public func ladspa_descriptor(_ index: UInt) -> UnsafePointer<LADSPA_Descriptor>? {
    guard unsafe index < UInt(plugins.count) else { return nil }
    return unsafe UnsafePointer(plugins[Int(index)])
}

private func text(_ text: StaticString) -> UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

private typealias Handle = UnsafeMutablePointer<Instance>

private func makeDescriptor(
    channels: Int, id: UInt, label: StaticString, name: StaticString
) -> UnsafeMutablePointer<LADSPA_Descriptor> {
    let portCount = 2 * channels + Control.allCases.count
    let descriptors = UnsafeMutablePointer<LADSPA_PortDescriptor>.allocate(capacity: portCount)
    let names = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: portCount)
    let hints = UnsafeMutablePointer<LADSPA_PortRangeHint>.allocate(capacity: portCount)
    unsafe hints.initialize(repeating: LADSPA_PortRangeHint(), count: portCount)
    for channel in 0..<channels {
        unsafe descriptors[channel] = earmark_audio_in
        unsafe descriptors[channels + channel] = earmark_audio_out
        unsafe names[channel] = text(channel == 0 ? "Input left" : "Input right")
        unsafe names[channels + channel] = text(channel == 0 ? "Output left" : "Output right")
    }
    for control in Control.allCases {
        let port = 2 * channels + control.rawValue
        unsafe descriptors[port] = control.isOutput ? earmark_control_out : earmark_control_in
        unsafe names[port] = text(control.name)
        unsafe hints[port] = control.hint
    }
    let descriptor = UnsafeMutablePointer<LADSPA_Descriptor>.allocate(capacity: 1)
    unsafe descriptor.initialize(
        to: LADSPA_Descriptor(
            UniqueID: id, Label: text(label), Properties: LADSPA_Properties(LADSPA_PROPERTY_HARD_RT_CAPABLE),
            Name: text(name), Maker: text("Earmark"), Copyright: text("GPL-3.0-or-later"), PortCount: UInt(portCount),
            PortDescriptors: descriptors, PortNames: names, PortRangeHints: hints, ImplementationData: nil,
            instantiate: { descriptor, rate in unsafe instantiate(descriptor, rate) },
            connect_port: { handle, port, data in unsafe instance(handle)?.pointee.connect(Int(port), data) },
            activate: { handle in unsafe instance(handle)?.pointee.activate() },
            run: { handle, frames in unsafe instance(handle)?.pointee.run(Int(frames)) }, run_adding: nil,
            set_run_adding_gain: nil, deactivate: nil,
            cleanup: { handle in unsafe instance(handle)?.deinitialize(count: 1).deallocate() }))
    return unsafe descriptor
}

private func instance(_ handle: LADSPA_Handle?) -> Handle? {
    unsafe handle?.assumingMemoryBound(to: Instance.self)
}

private func instantiate(_ descriptor: UnsafePointer<LADSPA_Descriptor>?, _ rate: UInt) -> LADSPA_Handle? {
    guard let descriptor = unsafe descriptor else { return nil }
    let channels = unsafe (Int(descriptor.pointee.PortCount) - Control.allCases.count) / 2
    let role: MarkRole = unsafe descriptor.pointee.UniqueID < firstMicrophoneID ? .playout : .microphone
    let made = Handle.allocate(capacity: 1)
    unsafe made.initialize(to: Instance(channels: channels, sampleRate: Double(rate), role: role))
    return LADSPA_Handle(made)
}

extension Control {
    var name: StaticString {
        switch self {
        case .slot: "Ticket slot"
        case .time: "Meeting time (s)"
        case .clock: "Time by clock"
        case .strength: "Strength"
        case .marking: "Marking"
        case .markedSeconds: "Marked (s)"
        case .status: "Status"
        }
    }

    var hint: LADSPA_PortRangeHint {
        switch self {
        case .slot: .init(HintDescriptor: earmark_hint_integer, LowerBound: 0, UpperBound: Control.lastSlot)
        case .time: .init(HintDescriptor: earmark_hint_number, LowerBound: -172_800, UpperBound: 172_800)
        case .clock: .init(HintDescriptor: earmark_hint_toggle_on, LowerBound: 0, UpperBound: 1)
        case .strength: .init(HintDescriptor: earmark_hint_integer, LowerBound: 0, UpperBound: 2)
        case .marking: .init(HintDescriptor: earmark_hint_toggle, LowerBound: 0, UpperBound: 1)
        case .markedSeconds, .status: .init(HintDescriptor: earmark_hint_positive, LowerBound: 0, UpperBound: 0)
        }
    }
}
