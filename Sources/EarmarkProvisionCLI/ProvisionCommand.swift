public import ArgumentParser

/// The command `earmark provision`.
public struct ProvisionCommand: AsyncParsableCommand {
    /// Name, help and verbs.
    public static let configuration = CommandConfiguration(
        commandName: "provision",
        abstract: "Give room devices the secrets and certificates that they join encrypted meetings with.",
        discussion: """
            A device joins end-to-end encrypted meetings under an identity of its owner's: a certificate and key that \
            reach it in an envelope sealed with the device's client secret. Earmark makes the secret, checks the \
            certificate, seals the envelopes and prints the commands to paste at the device. It sends nothing.

              earmark provision secret generate -o room1.secret
              earmark provision populate --first --new-secret-file room1.secret
              earmark provision csr --cn "Room 1" --dns room1.example.com \\
                --key-out room1.key -o room1.csr
              earmark provision check room1.crt room1.key --roots ca.pem
              earmark provision add room1.crt room1.key --secret-file room1.secret
              earmark provision activate --certificate room1.crt \\
                --secret-file room1.secret

            Secrets come from a file, an environment variable or a question at the terminal, never from an argument. \
            'provision simulate' plays the device, so that all of it can be rehearsed.

            The exit status is 40 if security codes differ, 41 for an envelope that is refused, 42 for one sealed with \
            another secret or changed, \
            43 for a payload that is not what its action means, 44 for a certificate or key that is refused, 45 for \
            certificates that expire soon, 46 if rows of a list failed, 47 if the simulated device refuses, 48 if a \
            device is not as meant.
            """,
        subcommands: [
            ProvisionSecret.self, ProvisionCSR.self, ProvisionCheck.self, ProvisionPopulate.self, ProvisionRotate.self,
            ProvisionReset.self, ProvisionAdd.self, ProvisionActivate.self, ProvisionDeactivate.self,
            ProvisionInspect.self, ProvisionOpen.self, ProvisionVerify.self, ProvisionBatch.self,
            ProvisionCommands.self, ProvisionCompare.self, ProvisionSimulate.self, ProvisionExpiry.self,
            ProvisionSecurityCode.self, ProvisionSessionTypes.self, ProvisionEndpoints.self, ProvisionGrant.self,
        ])

    /// Made by the argument parser.
    public init() {}
}
