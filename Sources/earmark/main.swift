import Dispatch
import EarmarkCLI

Earmark.serveDecodersIfAsked()
// With an asynchronous main, threads would be there before the first line.
Task { await Earmark.execute() }
dispatchMain()
