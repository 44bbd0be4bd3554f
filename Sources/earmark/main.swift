import EarmarkCLI

Earmark.serveDecodersIfAsked()
await Earmark.execute()
