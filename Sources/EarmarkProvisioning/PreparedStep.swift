import Foundation

/// A step of which all is known to be well, before anything is sealed.
struct PreparedStep: Sendable {
    /// What is left to be done.
    enum Work: Sendable {
        /// Nothing: a file was made, or was there.
        case made(String, isPresent: Bool)
        /// The line with a first secret.
        case first
        /// An envelope.
        case sealed(ProvisioningAction, SecretBytes)
    }

    let step: FleetPlan.Step
    let kind: DeviceStep
    let work: Work
    /// The secret that the device has when it gets this; nil for a step that needs none.
    let secret: ClientSecret?
    /// The secret that it has afterwards, if that is another; empty after a reset.
    let newSecret: ClientSecret?
    /// The certificate that it is about.
    let leaf: CertificateFacts?
    let fingerprint: CertificateFingerprint?
    var warnings: [String]

    init(
        _ step: FleetPlan.Step, _ kind: DeviceStep, _ work: Work, secret: ClientSecret? = nil,
        newSecret: ClientSecret? = nil, leaf: CertificateFacts? = nil, fingerprint: CertificateFingerprint? = nil,
        warnings: [String] = []
    ) {
        self.step = step
        self.kind = kind
        self.work = work
        self.secret = secret
        self.newSecret = newSecret
        self.leaf = leaf
        self.fingerprint = fingerprint ?? leaf?.fingerprint
        self.warnings = warnings
    }
}

extension [PreparedStep] {
    /// The same with changes of the secret after what is sealed with the old one.
    var inOrderOfSecrets: [PreparedStep] {
        let others = filter { !$0.kind.changesSecret && $0.kind.action != nil }.compactMap(\.secret)
        func stage(_ step: PreparedStep) -> Int {
            guard step.kind.changesSecret, let old = step.secret, others.contains(old) else { return step.kind.stage }
            return DeviceStep.lastStage
        }
        return enumerated().sorted { (stage($0.element), $0.offset) < (stage($1.element), $1.offset) }.map(\.element)
    }

    /// The first step that is sealed with a secret that the device has no more, and why.
    var staleSecret: (position: Int, error: StepError)? {
        var current: (secret: ClientSecret, row: Int)?
        for (position, step) in enumerated() {
            guard let secret = step.secret else { continue }
            if let current, current.secret != secret {
                return (
                    position,
                    StepError(
                        code: .staleSecret,
                        message: "row \(current.row) gives the device another secret before this step: seal it with "
                            + "that one, the new secret of that row")
                )
            }
            if let new = step.newSecret { current = (new, step.step.row.number) }
            if step.kind == .first { current = (secret, step.step.row.number) }
        }
        return nil
    }
}
