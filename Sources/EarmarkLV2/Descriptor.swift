public import CLV2
internal import EarmarkMark

// LV2's entry point and the plugins behind it. Descriptors are made once and never freed, as the interface demands.

/// The plugins: one channel and two, for what is played and for what a microphone sends.
///
/// Written once, before anybody reads.
nonisolated(unsafe) private let plugins = unsafe [
    makeDescriptor(uri: "urn:earmark:lv2:mono") { _, rate, _, features in
        unsafe instantiate(1, rate, .playout, features)
    },
    makeDescriptor(uri: "urn:earmark:lv2:stereo") { _, rate, _, features in
        unsafe instantiate(2, rate, .playout, features)
    },
    makeDescriptor(uri: "urn:earmark:lv2:microphone_mono") { _, rate, _, features in
        unsafe instantiate(1, rate, .microphone, features)
    },
    makeDescriptor(uri: "urn:earmark:lv2:microphone_stereo") { _, rate, _, features in
        unsafe instantiate(2, rate, .microphone, features)
    },
]

nonisolated(unsafe) private let stateInterface = {
    let interface = UnsafeMutablePointer<LV2_State_Interface>.allocate(capacity: 1)
    unsafe interface.initialize(
        to: LV2_State_Interface(
            save: { handle, store, state, _, features in
                unsafe instance(handle)?.pointee.save(store, state, features) ?? LV2_STATE_ERR_UNKNOWN
            },
            restore: { handle, retrieve, state, _, features in
                unsafe instance(handle)?.pointee.restore(retrieve, state, features) ?? LV2_STATE_ERR_UNKNOWN
            }))
    return unsafe interface
}()

/// LV2's entry point.
@c(lv2_descriptor) @implementation
public func lv2_descriptor(_ index: UInt32) -> UnsafePointer<LV2_Descriptor>? {
    guard unsafe index < UInt32(plugins.count) else { return nil }
    return unsafe UnsafePointer(plugins[Int(index)])
}

private typealias Handle = UnsafeMutablePointer<Instance>
private typealias Instantiate =
    @convention(c) (
        UnsafePointer<LV2_Descriptor>?, Double, UnsafePointer<CChar>?, UnsafePointer<UnsafePointer<LV2_Feature>?>?
    ) -> LV2_Handle?

private func makeDescriptor(
    uri: StaticString, _ instantiate: @escaping Instantiate
) -> UnsafeMutablePointer<LV2_Descriptor> {
    let descriptor = UnsafeMutablePointer<LV2_Descriptor>.allocate(capacity: 1)
    unsafe descriptor.initialize(
        to: LV2_Descriptor(
            URI: UnsafeRawPointer(uri.utf8Start).assumingMemoryBound(to: CChar.self), instantiate: instantiate,
            connect_port: { handle, port, data in unsafe instance(handle)?.pointee.connect(Int(port), data) },
            activate: { handle in unsafe instance(handle)?.pointee.activate() },
            run: { handle, frames in unsafe instance(handle)?.pointee.run(Int(frames)) }, deactivate: nil,
            cleanup: { handle in unsafe instance(handle)?.deinitialize(count: 1).deallocate() },
            extension_data: { uri in
                guard let uri = unsafe uri, unsafe earmark_lv2_is_state(uri) != 0 else { return nil }
                return unsafe UnsafeRawPointer(stateInterface)
            }))
    return unsafe descriptor
}

private func instance(_ handle: LV2_Handle?) -> Handle? {
    unsafe handle?.assumingMemoryBound(to: Instance.self)
}

private func instantiate(
    _ channels: Int, _ rate: Double, _ role: MarkRole, _ features: UnsafePointer<UnsafePointer<LV2_Feature>?>?
) -> LV2_Handle? {
    let made = Handle.allocate(capacity: 1)
    unsafe made.initialize(
        to: Instance(channels: channels, sampleRate: rate, role: role, map: earmark_lv2_map(features)))
    return LV2_Handle(made)
}
