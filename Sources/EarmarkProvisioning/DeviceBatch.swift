import EarmarkFiles
import Foundation

/// Does the steps of a list of devices: all are prepared and compared first, then sealed, several devices at a time.
package struct DeviceBatch: Sendable {
    /// How a list is done.
    package struct Options: Sendable {
        /// The authorities to trust; nil asks those of the system.
        package var roots: TrustedRoots?
        /// Encryption of the envelopes.
        package var cipher = ContentCipher.a256GCM
        /// Whether several devices may have one certificate.
        package var allowsShared = false
        /// What is asked of certificates.
        package var policy = BundlePolicy()
        /// Whether secrets from files lose one line break at their end.
        package var stripNewline = false
        /// Steps to do; nil does all of the list.
        package var steps: Set<DeviceStep>?
        /// Where lines to paste go; nil writes none.
        package var paste: PasteFiles?
        /// Devices at a time.
        package var jobs = ProcessInfo.processInfo.activeProcessorCount

        /// All that has a default.
        package init() {}
    }

    private let folder: String
    private let options: Options

    /// - Parameter folder: where the envelopes go; it exists.
    package init(folder: String, options: Options = Options()) {
        self.folder = folder
        self.options = options
    }

    /// The steps of a device: done in their order until one fails.
    private struct Device: Sendable {
        /// Its name, if that can be part of a file's name.
        let name: String?
        var steps: [PreparedStep]
        var results: [Int: DeviceResult] = [:]
        var isWhole = true

        /// Ends the device at `position` of its steps for `error`.
        mutating func fail(at position: Int, _ error: any Error) {
            isWhole = false
            let failed = steps[position].step
            results[failed.index] = DeviceBatch.refused(failed, error)
            for step in steps[(position + 1)...] {
                results[step.step.index] = DeviceBatch.skipped(step.step, after: failed)
            }
            steps.removeSubrange(position...)
        }
    }

    /// Does all rows; `report` hears of each step, in the order of the list.
    package func run(_ rows: [DeviceList.Row], report: (DeviceResult) -> Void) async throws -> [DeviceResult] {
        let lock = try FileLock(FilePath.join(folder, DeviceBatch.lockName))
        defer { lock.release() }
        removeLeftovers()
        let plan = FleetPlan(rows, only: options.steps)
        let preparation = StepPreparation(
            roots: options.roots, policy: options.policy, stripNewline: options.stripNewline,
            needsDevice: options.paste?.goesThroughCloud ?? false,
            variables: SecretVariables(rows.flatMap { [$0.secret, $0.newSecret] }), files: SharedFiles(plan),
            date: Date())
        let prepared = await parallel(plan.devices) { await DeviceBatch.prepared($0, preparation) }
        let checked = options.allowsShared ? prepared : withoutShared(prepared)
        var results: [Int: DeviceResult] = [:]
        var reported = 0
        for await device in sealing(checked) {
            results.merge(device) { first, _ in first }
            while let result = results[reported] {
                report(result)
                reported += 1
            }
        }
        return (0..<plan.count).compactMap { results[$0] }
    }

    /// More than the longest secret makes, in bytes.
    private static let maximumLineByteCount = 128 << 10

    /// Held while a list is done, so that no other run takes away what this one is writing.
    private static let lockName = ".batch.lock"

    /// Takes away files that a run was killed over.
    private func removeLeftovers() {
        PrivateFile.removeLeftovers(in: folder) { $0.hasSuffix(EnvelopeFile.suffix) }
        options.paste?.removeLeftovers()
    }

    private func parallel<Item: Sendable, Value: Sendable>(
        _ items: [Item], _ work: @escaping @Sendable (Item) async -> Value
    ) async -> [Value] {
        await withTaskGroup(of: (Int, Value).self) { group in
            var values: [Int: Value] = [:]
            for (index, item) in items.enumerated() {
                if index >= max(options.jobs, 1), let (done, value) = await group.next() { values[done] = value }
                group.addTask { (index, await work(item)) }
            }
            for await (index, value) in group { values[index] = value }
            return items.indices.compactMap { values[$0] }
        }
    }

    private func sealing(_ devices: [Device]) -> AsyncStream<[Int: DeviceResult]> {
        AsyncStream { continuation in
            let task = Task {
                _ = await parallel(devices) { device in continuation.yield(sealed(device)) }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private static func prepared(_ steps: [FleetPlan.Step], _ preparation: StepPreparation) async -> Device {
        let name = steps.first.map(\.device)
        var device = Device(name: name.flatMap { StepPreparation.isFileName($0) ? $0 : nil }, steps: [])
        for (position, step) in steps.enumerated() {
            do {
                device.steps.append(try await preparation.prepare(step))
            } catch {
                device.isWhole = false
                device.results[step.index] = refused(step, error)
                for later in steps[(position + 1)...] { device.results[later.index] = skipped(later, after: step) }
                break
            }
        }
        device.steps = device.steps.inOrderOfSecrets
        if let stale = device.steps.staleSecret { device.fail(at: stale.position, stale.error) }
        return device
    }

    private func withoutShared(_ devices: [Device]) -> [Device] {
        let shared = SharedCertificates(devices.map(\.steps))
        return devices.map { device in
            var device = device
            for position in device.steps.indices {
                guard let (error, isInnocent) = shared.problem(device.steps[position]) else { continue }
                guard isInnocent else {
                    device.fail(at: position, error)
                    break
                }
                device.steps[position].warnings.append(error.code.rawValue)
            }
            return device
        }
    }

    /// Seals what is left of a device and writes its lines.
    private func sealed(_ device: Device) -> [Int: DeviceResult] {
        var device = device
        var entries: [PasteFiles.Entry] = []
        for (position, step) in device.steps.enumerated() {
            do {
                device.results[step.step.index] = try finish(step, &entries)
            } catch {
                device.fail(at: position, error)
                break
            }
        }
        guard let paste = options.paste, let name = device.name else { return device.results }
        guard device.isWhole else {
            paste.remove(name)
            return device.results
        }
        do {
            let cloud = device.steps.map(\.step.row.device).first { !$0.isEmpty } ?? ""
            try paste.write(entries, for: name, device: cloud)
        } catch {
            device.fail(at: device.steps.count - 1, error)
        }
        return device.results
    }

    private func finish(_ step: PreparedStep, _ entries: inout [PasteFiles.Entry]) throws -> DeviceResult {
        let path = FilePath.join(folder, "\(step.step.device).\(step.kind.rawValue)")
        switch (step.work, step.secret) {
        case (.made(let file, let isPresent), _): return DeviceBatch.done(step, isPresent ? .present : .made, file)
        case (.sealed(let action, let payload), let secret?):
            let (text, isPresent) = try envelope(action, payload, secret, path + EnvelopeFile.suffix)
            entries.append(.envelope(text, action))
            return DeviceBatch.done(step, isPresent ? .present : .sealed, path + EnvelopeFile.suffix)
        case (.first, let secret?):
            let file = path + ".txt"
            let line = DeviceCommand.firstUse(secret)
            let isPresent = StepFiles.isFilled(file)
            if isPresent {
                let present = try ByteInput.read(file, maximumByteCount: DeviceBatch.maximumLineByteCount)
                guard present == line else { throw DeviceBatch.differs(file) }
            } else {
                try line.withUnsafeBytes { try StepFiles.fill(file, Array($0)) }
            }
            entries.append(.first(secret))
            return DeviceBatch.done(step, isPresent ? .present : .made, file)
        case (.sealed, nil), (.first, nil):
            throw StepError(code: .missingSecret, message: "the step has no secret")
        }
    }

    /// Seals, unless an earlier run did: then its file opens with the secret and carries the payload.
    private func envelope(
        _ action: ProvisioningAction, _ payload: SecretBytes, _ secret: ClientSecret, _ path: String
    ) throws -> (text: String, isPresent: Bool) {
        guard PrivateFile.exists(path) else {
            let text = try Envelope.seal(action: action, payload: payload, secret: secret, cipher: options.cipher)
            try PrivateFile.replace(path, bytes: Array(text.utf8))
            return (text, false)
        }
        let text = try EnvelopeFile.read(path)
        guard (try? Envelope.open(text, secret: secret, expecting: action)) == payload else {
            throw DeviceBatch.differs(path)
        }
        return (text, true)
    }

    private static func differs(_ path: String) -> StepError {
        StepError(
            code: .differs,
            message: "'\(path)' exists and is not what this row makes; move it away to have it made anew")
    }
}

extension DeviceBatch {
    private static func done(_ step: PreparedStep, _ status: DeviceResult.Status, _ file: String) -> DeviceResult {
        DeviceResult(
            row: step.step.row.number, name: step.step.row.name, action: step.kind.rawValue, status: status, code: nil,
            message: nil, file: file, fingerprint: step.fingerprint?.text, warnings: step.warnings)
    }

    private static func refused(_ step: FleetPlan.Step, _ error: any Error) -> DeviceResult {
        let (code, message) = StepError.describe(error)
        return left(step, .failed, code, message)
    }

    private static func skipped(_ step: FleetPlan.Step, after earlier: FleetPlan.Step) -> DeviceResult {
        left(
            step, .skipped, StepError.Code.earlierStepFailed.rawValue,
            "left, because '\(DisplayText.escaped(earlier.word))' of row \(earlier.row.number) could not be done")
    }

    private static func left(
        _ step: FleetPlan.Step, _ status: DeviceResult.Status, _ code: String, _ message: String
    ) -> DeviceResult {
        DeviceResult(
            row: step.row.number, name: DisplayText.escaped(step.row.name),
            action: DisplayText.escaped(step.word), status: status, code: code, message: message, file: nil,
            fingerprint: nil, warnings: [])
    }
}
