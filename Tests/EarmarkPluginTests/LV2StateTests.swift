import CLV2
import EarmarkLV2
import EarmarkTestSupport
import Foundation
import Testing

private let sound: [Float] = {
    var noise = NoiseSource(seed: 93)
    return noise.white(1_600, deviation: 0.1)
}()

/// A number for every URI, the same each time.
private func number(_ uri: String) -> LV2_URID { uri.utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 } }

/// What a host keeps of a plugin's state.
private final class SavedState {
    struct Entry: Equatable {
        var key: LV2_URID
        var bytes: [UInt8]
        var type: LV2_URID
        var flags: UInt32
    }
    var entries: [Entry] = []
    /// What was handed out, until the test ends.
    private var memory: [UnsafeMutablePointer<UInt8>] = []

    init(path: String? = nil, type: String = "http://lv2plug.in/ns/ext/atom#Path", isTerminated: Bool = true) {
        guard let path else { return }
        entries = [
            Entry(
                key: number("urn:earmark:lv2#ticket"), bytes: Array(path.utf8) + (isTerminated ? [0] : []),
                type: number(type), flags: 3)
        ]
    }
    deinit { for pointer in memory { pointer.deallocate() } }

    var handle: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }
    static func of(_ handle: UnsafeMutableRawPointer?) -> SavedState? {
        handle.map { Unmanaged<SavedState>.fromOpaque($0).takeUnretainedValue() }
    }
    static let store: LV2_State_Store_Function = { handle, key, value, size, type, flags in
        let bytes = [UInt8](UnsafeRawBufferPointer(start: value, count: size))
        SavedState.of(handle)?.entries.append(Entry(key: key, bytes: bytes, type: type, flags: flags))
        return LV2_STATE_SUCCESS
    }
    static let retrieve: LV2_State_Retrieve_Function = { handle, key, size, type, flags in
        guard let state = SavedState.of(handle), let entry = state.entries.first(where: { $0.key == key }) else {
            return nil
        }
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: entry.bytes.count + 1)
        copy.initialize(from: entry.bytes, count: entry.bytes.count)
        state.memory.append(copy)
        size?.pointee = entry.bytes.count
        type?.pointee = entry.type
        flags?.pointee = entry.flags
        return UnsafeRawPointer(copy)
    }
}

/// Features that a host offers: numbers for URIs, and paths of its own.
private final class Features {
    private let map = UnsafeMutablePointer<LV2_URID_Map>.allocate(capacity: 1)
    private let paths = UnsafeMutablePointer<LV2_State_Map_Path>.allocate(capacity: 1)
    private let list = UnsafeMutablePointer<UnsafePointer<LV2_Feature>?>.allocate(capacity: 3)
    private var made: [UnsafeMutablePointer<LV2_Feature>] = []
    var pointer: UnsafePointer<UnsafePointer<LV2_Feature>?> { UnsafePointer(list) }

    init(mapsPaths: Bool = false, mapsURIs: Bool = true) {
        map.initialize(to: LV2_URID_Map(handle: nil, map: { _, uri in uri.map { number(String(cString: $0)) } ?? 0 }))
        paths.initialize(
            to: LV2_State_Map_Path(
                handle: nil, abstract_path: { _, path in path.flatMap { strdup("project:" + String(cString: $0)) } },
                absolute_path: { _, path in path.flatMap { strdup(String(String(cString: $0).dropFirst(8))) } }))
        list.initialize(repeating: nil, count: 3)
        if mapsPaths { add("http://lv2plug.in/ns/ext/state#mapPath", paths) }
        if mapsURIs { add("http://lv2plug.in/ns/ext/urid#map", map) }
    }
    private func add(_ uri: StaticString, _ data: UnsafeMutableRawPointer) {
        let feature = UnsafeMutablePointer<LV2_Feature>.allocate(capacity: 1)
        let name = UnsafeRawPointer(uri.utf8Start).assumingMemoryBound(to: CChar.self)
        feature.initialize(to: LV2_Feature(URI: name, data: data))
        list[made.count] = UnsafePointer(feature)
        made.append(feature)
    }
    deinit {
        for feature in made { feature.deallocate() }
        list.deallocate()
        map.deallocate()
        paths.deallocate()
    }
}

extension PluginTests {
    /// docs/live.md, "Plugins": in LV2 the path in the state (`urn:earmark:lv2#ticket`, an atom:Path) goes first.
    @Suite struct LV2StateTests {
        private let place: PluginPlace
        private let features = Features()
        private let interface: UnsafePointer<LV2_State_Interface>

        init() throws {
            place = try PluginPlace.shared.get()
            place.set()
            let data = lv2_descriptor(0)?.pointee.extension_data?("http://lv2plug.in/ns/ext/state#interface")
            interface = try #require(data).assumingMemoryBound(to: LV2_State_Interface.self)
        }

        private func expected(client: Int) throws -> [Float] {
            try Marking.mark(sound, seeds: TestKeys.mark(client: client), at: 100)
        }
        private func restore(_ host: PluginHost, _ state: SavedState, _ features: Features) -> LV2_State_Status? {
            interface.pointee.restore?(host.handle, SavedState.retrieve, state.handle, 0, features.pointer)
        }
        private func save(_ host: PluginHost, _ features: Features) -> (LV2_State_Status?, [SavedState.Entry]) {
            let state = SavedState()
            let status = interface.pointee.save?(host.handle, SavedState.store, state.handle, 0, features.pointer)
            return (status, state.entries)
        }

        @Test func theStatesTicketGoesFirstAndIsKept() throws {
            let host = try PluginHost(.lv2, features: features.pointer)
            let state = SavedState(path: place.folder.file("2.ticket"))
            #expect(restore(host, state, features) == LV2_STATE_SUCCESS)
            host.activate()
            #expect(host.run([sound])[0] == (try expected(client: 2)))
            let (status, entries) = save(host, features)
            #expect(status == LV2_STATE_SUCCESS)
            // Plain data that another computer can read: flags 1 and 2.
            #expect(entries == state.entries)
        }

        @Test func aStateThatComesWhileThePluginRunsCountsAtOnce() throws {
            let host = try PluginHost(.lv2, features: features.pointer)
            host.activate()
            #expect(host.run([sound])[0] == (try expected(client: 1)))
            #expect(restore(host, SavedState(path: place.folder.file("3.ticket")), features) == LV2_STATE_SUCCESS)
            #expect(host.run([sound])[0] == (try expected(client: 3)))
            _ = restore(host, SavedState(path: place.folder.file("none.ticket")), features)
            #expect(host[.marking] == 0 && host[.status] == 3)
            #expect(host.run([sound])[0] == sound)
        }

        /// A host may keep paths in a form of its own.
        @Test func pathsGoThroughTheHost() throws {
            let mapping = Features(mapsPaths: true)
            let host = try PluginHost(.lv2, features: features.pointer)
            let path = place.folder.file("2.ticket")
            _ = restore(host, SavedState(path: "project:" + path), mapping)
            host.activate()
            #expect(host.run([sound])[0] == (try expected(client: 2)))
            #expect(save(host, features).1.first?.bytes == Array(path.utf8) + [0])
            #expect(save(host, mapping).1.first?.bytes == Array("project:\(path)".utf8) + [0])
        }

        @Test func withoutAPathTheEnvironmentNamesTheTicket() throws {
            let host = try PluginHost(.lv2, features: features.pointer)
            #expect(save(host, features).0 == LV2_STATE_SUCCESS)
            #expect(save(host, features).1.isEmpty)
            let path = place.folder.file("2.ticket")
            for state in [
                SavedState(), SavedState(path: path, type: "http://lv2plug.in/ns/ext/atom#String"),
                SavedState(path: path, isTerminated: false), SavedState(path: "", isTerminated: false),
                SavedState(path: String(repeating: "x", count: 4_096)),
            ] {
                #expect(restore(host, state, features) == LV2_STATE_SUCCESS)
                host.activate()
                #expect(host.run([sound])[0] == (try expected(client: 1)))
            }
        }

        /// Without numbers for URIs there is no state: the host is told.
        @Test func withoutNumbersThereIsNoState() throws {
            let bare = Features(mapsURIs: false)
            for pointer in [nil, bare.pointer] {
                let host = try PluginHost(.lv2, features: pointer)
                #expect(save(host, features).0 == LV2_STATE_ERR_NO_FEATURE)
                #expect(restore(host, SavedState(path: "x"), features) == LV2_STATE_ERR_NO_FEATURE)
                host.activate()
                #expect(host.run([sound])[0] == (try expected(client: 1)))
            }
        }

        @Test func thereIsNoOtherExtension() {
            for index in 0..<2 as Range<UInt32> {
                let descriptor = lv2_descriptor(index)
                #expect(descriptor?.pointee.extension_data?("http://lv2plug.in/ns/ext/state#interface") != nil)
                #expect(descriptor?.pointee.extension_data?("http://lv2plug.in/ns/ext/worker#interface") == nil)
            }
        }
    }
}
