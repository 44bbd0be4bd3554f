import EarmarkAnswer
import EarmarkFiles
import EarmarkMedia
import Foundation

/// Why an input is not there.
enum InputFailure: Error {
    /// It will never be: the line says so.
    case refused(FileOutcome.Refusal)
    /// Another try may help; in the last one it is refused with this code, else with one for the error.
    case lost(RunError, refusal: String? = nil)
    /// Nobody waits for it any more.
    case stopped

    /// This machine cannot have it, nor others: that says nothing of the input, in the last try neither.
    static func ownFault(_ words: String) -> InputFailure { .lost(RunError(.inputOutput, words, obstacle: .machine)) }
}

/// Has an input as a file: what comes from standard input or a server lies in a folder for as long as it is analysed.
struct InputFetcher: Sendable {
    /// Where such folders lie.
    let folder: String
    /// Larger inputs are not fetched to their end: the analysis refuses them by their size.
    let maximumBytes: Int64
    /// Longest time that fetching may take, seconds.
    let timeLimit: Double
    /// How long servers are waited for.
    let patience: FetchPatience
    /// Those that did not answer.
    private let silent: SilentServers

    /// Seconds after which a stop is looked for.
    private static let glance = 0.1
    /// Bytes that are read at a time.
    private static let chunkByteCount = 1 << 20
    /// Largest answer of a server that is looked at, bytes.
    private static let headerByteCount = 1 << 20

    init(folder: String, maximumBytes: Int64, timeLimit: Double, patience: FetchPatience = .init()) {
        self.folder = folder
        self.maximumBytes = maximumBytes
        self.timeLimit = timeLimit
        self.patience = patience
        silent = SilentServers(least: patience.silence)
    }

    /// An input as a file.
    struct File {
        let path: String
        fileprivate let folder: InputFolder?

        /// Removes what was made for it.
        func remove() { folder?.remove() }
    }

    /// - Parameters:
    ///   - input: a path, `-` or a URL.
    ///   - isStopRequested: whether nobody waits any more.
    func fetch(_ input: String, isStopRequested: @escaping () -> Bool) throws(InputFailure) -> File {
        guard input == "-" || RemoteInput.isOne(input) else { return File(path: input, folder: nil) }
        if RemoteInput.isOne(input), let problem = RemoteInput.problem(input) {
            throw .refused(.init(code: InputFetcher.urlRefused, message: "\(problem)."))
        }
        let place: InputFolder
        do throws(RunError) { place = try InputFolder(in: folder) } catch { throw .ownFault(error.message) }
        do throws(InputFailure) {
            let descriptor = FilePath.open(place.input, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode: 0o600)
            guard descriptor >= 0 else { throw InputFetcher.systemError("write a file in $TMPDIR") }
            defer { close(descriptor) }
            if input == "-" {
                try spool(to: descriptor)
            } else {
                try download(input, to: descriptor, headers: place.headers, isStopRequested)
            }
        } catch {
            place.remove()
            throw error
        }
        return File(path: place.input, folder: place)
    }

    private func spool(to descriptor: Int32) throws(InputFailure) {
        var chunk = [UInt8](repeating: 0, count: InputFetcher.chunkByteCount)
        var total: Int64 = 0
        while total <= maximumBytes {
            let count = read(STDIN_FILENO, &chunk, chunk.count)
            if count == 0 {
                // What was to write it has failed, as a rule.
                guard total > 0 else { throw .lost(RunError(.inputOutput, "standard input is empty")) }
                return
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw InputFetcher.systemError("read standard input")
            }
            try InputFetcher.write(chunk[..<count], to: descriptor)
            total += Int64(count)
        }
    }

    /// Writes all of `bytes`.
    static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws(InputFailure) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) }
            if count < 0, errno != EINTR { throw systemError("write a file in $TMPDIR") }
        }
    }

    private static func systemError(_ verb: String) -> InputFailure {
        .ownFault("cannot \(verb): \(String(cString: strerror(errno)))")
    }

    // MARK: Servers

    /// The code of a URL that is never asked.
    static let urlRefused = "url-refused"
    /// The code of what a server does not give, in the last try.
    static let serverRefused = "server-refused"

    /// Fetches by curl(1), and on from the last byte where the server says that it is still the same file.
    private func download(
        _ url: String, to descriptor: Int32, headers: String, _ isStopRequested: @escaping () -> Bool
    ) throws(InputFailure) {
        let deadline = ContinuousClock.now + .seconds(timeLimit)
        let check: () throws(InputFailure) -> Void = { () throws(InputFailure) in
            if isStopRequested() { throw .stopped }
            guard ContinuousClock.now < deadline else {
                throw .lost(RunError(.inputOutput, "it takes longer than \(Int(timeLimit)) seconds to come"))
            }
        }
        let (server, origin) = (RemoteInput.server(url), RemoteInput.origin(url))
        // Until it says something.
        var isBrief = silent.contains(origin)
        let curl = CurlRun(
            url: url, descriptor: descriptor, headers: headers, maximumBytes: maximumBytes, check: check)
        var (failures, most, first) = (0, Int64(0), ServerAnswer?.none)
        while true {
            let validator = first?.validator
            if validator == nil {
                guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
                    throw InputFetcher.systemError("write a file in $TMPDIR")
                }
            }
            let offset = Int64(lseek(descriptor, 0, SEEK_CUR))
            FilePath.remove(headers)
            let start = ContinuousClock.now
            let end = try curl.run(from: offset, validator: validator, isBrief ? patience.brief : patience.usual)
            let answer = ServerAnswer(headers)
            if end.response != 0 || answer.isThere {
                silent.noteAnswer(of: origin)
                isBrief = false
            } else if CurlStatus.isSilence(end) {
                silent.noteSilence(of: origin, from: start, to: .now)
            }
            let isOther = end.response == CurlStatus.rest && !answer.goesOn(first, from: offset)
            let isPage = end.status == 0 && answer.isPage(descriptor, insteadOf: url)
            if try isDone(end, answer, isOther: isOther, isPage: isPage, server) { return }
            let size = Int64(lseek(descriptor, 0, SEEK_CUR))
            // Where the server cannot go on, or has another file by now, all of it is fetched anew.
            if CurlStatus.asksForAll(end) || isOther {
                first = nil
            } else if end.response == CurlStatus.whole {
                first = answer
            }
            failures = size > most && !isOther ? 0 : failures + 1
            most = max(most, size)
            guard failures < (isBrief ? 1 : patience.tries) else {
                var words = isOther ? "the server goes on with another file than it began with" : CurlStatus.text(end)
                if isBrief { words += "; the server did not answer before, either, and was asked only once" }
                throw .lost(RunError(.inputOutput, words, obstacle: isOther ? nil : CurlStatus.obstacle(end, server)))
            }
            try wait(patience.pause * pow(2, Double(max(0, failures - 1))), check)
        }
    }

    /// Whether all of it is there.
    ///
    /// - Throws: where another try does not help.
    private func isDone(
        _ end: CurlRun.End, _ answer: ServerAnswer, isOther: Bool, isPage: Bool, _ server: String
    ) throws(InputFailure) -> Bool {
        if isOther { return false }
        if end.isTooLarge || end.status == CurlStatus.tooLarge {
            throw .refused(
                .init(
                    code: MediaError.Code.tooLarge.rawValue,
                    message: "is larger than the \(maximumBytes) bytes that the organisation allows."))
        }
        if end.status == 0, !CurlStatus.asksForAll(end) {
            if let problem = answer.problem(status: end.response, isPage: isPage) {
                let obstacle = RunError.Obstacle.server("\(server): \(problem)")
                throw .lost(RunError(.inputOutput, problem, obstacle: obstacle), refusal: InputFetcher.serverRefused)
            }
            return true
        }
        if let failure = CurlStatus.failure(end, server) { throw failure }
        return false
    }

    private func wait(
        _ seconds: Double, _ check: () throws(InputFailure) -> Void
    ) throws(InputFailure) {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            try check()
            Thread.sleep(forTimeInterval: InputFetcher.glance)
        }
    }
}
