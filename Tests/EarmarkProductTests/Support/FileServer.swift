import Foundation
import ProgramSupport

/// A server of HTTP on this machine that gives files of its folder in the way that the first part of the path says, and
/// keeps what it was asked.
///
/// `whole`: as they are; `ranges`: broken off once, then on from where it was asked; `anew`: broken off once, and it
/// knows no ranges; `other`: broken off once, then another file; `spliced` and `grown`: the same, and it goes on with
/// the rest of that one, whatever it was asked; `barred`: broken off once, then 403; `packed`: by gzip, as it says;
/// `page`: one to sign in, whatever is asked for; `slow`: a byte a second; a number: with that status.
final class FileServer {
    let folder: TemporaryFolder
    private let process: Process
    let port: String

    init(_ files: [String: Data]) throws {
        folder = try TemporaryFolder()
        for (name, data) in files { try data.write(to: URL(fileURLWithPath: folder.file(name))) }
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.server]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.currentDirectoryURL = folder.url
        try process.run()
        let path = folder.file("port")
        for _ in 0..<600 where !FileManager.default.fileExists(atPath: path) { usleep(100_000) }
        port = try String(contentsOfFile: path, encoding: .utf8)
    }

    deinit { process.terminate() }

    func url(_ way: String, _ name: String) -> String { "http://127.0.0.1:\(port)/\(way)/\(name)" }

    /// What it was asked: method, path, then headers that matter.
    func asked() throws -> [String] {
        (try? String(contentsOfFile: folder.file("log"), encoding: .utf8))?.split(separator: "\n").map(String.init)
            ?? []
    }

    private static let server = """
        import http.server, os, time, urllib.parse
        seen = {}
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            def note(self):
                with open('log', 'a') as log:
                    told = [self.headers.get(name) or '-' for name in ('Range', 'If-Range', 'Authorization')]
                    log.write(' '.join([self.command, self.path] + told) + '\\n')
            def do_PUT(self):
                self.note()
                self.answer(200, b'')
            def answer(self, status, body, headers={}, count=None):
                self.send_response(status)
                for name, value in headers.items(): self.send_header(name, value)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body[:count])
                if count is not None:
                    self.wfile.flush()
                    self.close_connection = True
            def do_GET(self):
                self.note()
                way, _, name = self.path.split('?')[0].lstrip('/').partition('/')
                if way.isdigit(): return self.answer(int(way), b'')
                if way == 'page': return self.answer(200, b'\\n<html>Sign in</html>', {'Content-Type': 'text/html'})
                try: data = open(os.path.basename(urllib.parse.unquote(name)) or '-', 'rb').read()
                except OSError: return self.answer(404, b'')
                times = seen[self.path] = seen.get(self.path, 0) + 1
                if way == 'slow':
                    self.send_response(200)
                    self.send_header('Content-Length', str(len(data)))
                    self.end_headers()
                    for byte in data:
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                        time.sleep(1)
                    return
                if way == 'whole': return self.answer(200, data)
                if way == 'packed': return self.answer(200, data, {'Content-Encoding': 'gzip'})
                if way == 'barred' and times > 1: return self.answer(403, b'')
                if way == 'unsized':
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(data)
                    self.close_connection = True
                    return
                tag = '"1"'
                if way in ('other', 'spliced') and times > 1: data, tag = data[::-1], '"2"'
                if way == 'grown' and times > 1: data += b'more'
                date = 'Mon, 02 Mar 2026 09:00:00 GMT'
                named = {'nameless': {}, 'weak': {'ETag': 'W/"1"'}, 'dated': {'Last-Modified': date}}
                headers = named.get(way, {'ETag': tag})
                if times == 1: return self.answer(200, data, headers, len(data) // 2)
                asked = self.headers.get('Range')
                holds = self.headers.get('If-Range') in headers.values() or way in ('spliced', 'grown')
                if way == 'anew' or not asked or not holds:
                    return self.answer(200, data, headers)
                start = int(asked.split('=')[1].split('-')[0])
                span = 'bytes %d-%d/%d' % (start, len(data) - 1, len(data))
                self.answer(206, data[start:], headers | {'Content-Range': span})
            def log_message(self, *arguments): pass
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        server.daemon_threads = True
        open('port.new', 'w').write(str(server.server_port))
        os.rename('port.new', 'port')
        server.serve_forever()
        """
}
