import Foundation
import ProvisioningFuzzing

// provisioning-judge: a program for the scripts in Tools/provisioning.
//
//   provisioning-judge < LINES                          judges envelopes, a line each; see EnvelopeJudge
//   provisioning-judge seal SECRET ENVELOPE DUMP        seals as earmark does, then writes its own memory to DUMP
//   provisioning-judge open SECRET ENVELOPE DUMP        opens what that sealed, then the same
//   provisioning-judge cost                             measures what sealing and opening cost
//   provisioning-judge cost VECTORS                     measures what refusing each envelope of a file costs
switch CommandLine.arguments.dropFirst().first {
case nil: while let line = readLine() { print(EnvelopeJudge.answer(line)) }
case "seal"?, "open"?:
    guard CommandLine.arguments.count == 5 else { exit(64) }
    let paths = CommandLine.arguments[2...]
    exit(MemoryWitness.run(CommandLine.arguments[1], secret: paths[2], envelope: paths[3], dump: paths[4]))
case "cost"? where CommandLine.arguments.count == 2: try CostMeter.key()
case "cost"? where CommandLine.arguments.count == 3: try CostMeter.malformed(vectors: CommandLine.arguments[2])
default: exit(64)
}
