/// How long servers are waited for.
struct FetchPatience: Sendable {
    /// Times that a server is asked again in a row without a new byte having come.
    var tries = 5
    /// Seconds before it is asked again for the first time; twice as many each time.
    var pause = 1.0
    /// How long one try is waited for.
    var usual = CurlRun.Waits(connection: 30, bytes: 60)
    /// The same for a server that has been silent: time for a handshake from the other side of the world, twice over.
    var brief = CurlRun.Waits(connection: 5, bytes: 5)
    /// How long a server must have been silent to be asked briefly.
    var silence = Duration.seconds(120)
}
