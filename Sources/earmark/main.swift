import EarmarkCLI

await Earmark.execute()
