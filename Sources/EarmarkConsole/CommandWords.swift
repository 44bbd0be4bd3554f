/// Other words for commands and options than those that help shows.
enum CommandWords {
    /// What is the same command by another word: the first of these names that a command has.
    ///
    /// Help shows none of them.
    static let synonyms: [String: [String]] = [
        "ls": ["list", "get"], "list": ["get"], "rm": ["remove", "delete"], "del": ["remove", "delete"],
        "delete": ["remove"], "remove": ["delete"], "new": ["create", "add", "issue"],
        "create": ["add", "issue", "keygen"], "add": ["create", "issue"], "view": ["show"], "info": ["show"],
        "get": ["show"], "show": ["get", "list"], "check": ["verify"], "verify": ["check"], "update": ["edit"],
        "change": ["edit"], "modify": ["edit"], "set": ["edit"], "mic": ["microphone"],
        "orgs": ["org"], "organisation": ["org"], "organisations": ["org"], "organization": ["org"],
        "organizations": ["org"], "bundles": ["bundle"], "stores": ["store"], "keys": ["key"], "runs": ["run"],
        "workers": ["work"], "worker": ["work"], "audits": ["audit"], "evidences": ["evidence"],
        "domains": ["domain"], "config": ["settings"], "device": ["provision"], "devices": ["provision"],
        "secrets": ["secret"], "anchors": ["anchor"], "holds": ["status"], "analyses": ["analysis"],
        "revocation": ["revocations"], "analyzes": ["analyze"],
    ]

    /// What people may mean who come from other programs: commands that do it, to be suggested.
    static let related: [String: [String]] = [
        "mark": ["embed"], "watermark": ["embed"], "stamp": ["embed"], "encode": ["embed"], "tag": ["embed"],
        "detect": ["analyze"], "identify": ["analyze"], "trace": ["analyze"], "who": ["analyze"],
        "scan": ["analyze", "batch"], "search": ["analyze"], "extract": ["analyze"], "decode": ["analyze"],
        "log": ["audit list"], "history": ["audit list"], "journal": ["audit list"],
        "participant": ["client add", "client list"], "participants": ["client list"],
        "attendee": ["client add", "client list"], "attendees": ["client list"], "user": ["client add"],
        "users": ["client list"], "people": ["client list"], "roster": ["client add", "meeting create"],
        "invite": ["ticket issue"], "credential": ["ticket issue"], "credentials": ["ticket issue"],
        "token": ["ticket issue"], "pipe": ["filter"], "stream": ["filter"], "live": ["filter"],
        "setup": ["init"], "doctor": ["store check"], "fsck": ["store check"], "prune": ["retention purge"],
        "gc": ["retention purge"], "forget": ["meeting delete", "retention purge"], "sign": ["report"],
        "pdf": ["report"], "html": ["report"], "room": ["provision"], "rooms": ["provision"],
        "commit": ["commitment create"], "proof": ["evidence export"], "stats": ["store metrics"],
        "dump": ["analysis export"], "merge": ["batch merge", "run merge"], "enrol": ["meeting create"],
        "enroll": ["meeting create"], "schedule": ["meeting create"], "plan": ["run plan"],
    ]

    /// The same within a command: by other words of its own.
    static let relatedWithin: [String: [String]] = [
        "remove": ["revoke", "release"], "delete": ["revoke", "release"], "rm": ["revoke", "release"],
        "cancel": ["revoke", "release", "delete"], "withdraw": ["revoke"], "unhold": ["release"],
        "validate": ["verify", "check"], "test": ["verify", "check"], "make": ["create", "generate"],
        "rename": ["edit"], "move": ["edit"], "enter": ["join"], "exit": ["leave"], "copy": ["backup"],
        "save": ["backup"], "load": ["restore"], "join": ["merge"], "start": ["plan"], "generate": ["create"],
        "list": ["status"], "show": ["status"],
    ]

    /// Options by other names; the first that the command has is suggested.
    static let options: [String: [String]] = [
        "--force": ["--yes"], "-f": ["--yes"], "-y": ["--yes"], "--confirm": ["--yes"], "--when": ["--start", "--at"],
        "--date": ["--start", "--at"], "--time": ["--start", "--at"], "--count": ["--limit"], "--max": ["--limit"],
        "--user": ["--client"], "--participant": ["--client"], "--email": ["--client"], "--who": ["--client"],
        "--from": ["--since"], "--to": ["--until"], "--after": ["--since"], "--before": ["--until"],
        "--offset": ["--at"], "--position": ["--at"], "--file": ["--output", "--out"], "-q": ["--progress"],
        "--quiet": ["--progress"], "--verbose": ["--progress"], "-v": ["--progress"], "--db": ["--store"],
        "--repo": ["--store"], "-r": ["--store"], "--mic": ["--microphone"], "--organisation": ["--org"],
        "--organization": ["--org"], "--description": ["--note"], "--comment": ["--note"], "--tag": ["--name"],
        "--dir": ["--out-dir"], "--folder": ["--out-dir"], "--output-dir": ["--out-dir"],
    ]
}
