/// A plan as JSON.
package struct PlanView: Encodable {
    let digest: String
    let inputs: Int
    let parts: Int
    let out: String

    /// `path` is where the plan was written.
    package init(_ plan: RunPlan, path: String) {
        digest = plan.digest
        inputs = plan.items.count
        parts = plan.parts
        out = path
    }
}

/// How far a run is, as JSON.
package struct RunStatusView: Encodable {
    let plan: String
    let inputs: Int
    let results: [String: Int]
    let refusals: [String: Int]
    let firstAnswers: Int?
    let parts: [RunParts.State]
    let missing: [String]
    let problems: [String]

    /// What the parts say.
    package init(_ parts: RunParts) {
        plan = parts.plan.digest
        inputs = parts.plan.items.count
        results = parts.results
        refusals = parts.refusals
        firstAnswers = parts.firstAnswers > 0 ? parts.firstAnswers : nil
        self.parts = parts.states
        missing = parts.missing.map { RemoteInput.shown(parts.plan.items[$0].input) }
        problems = parts.problems
    }
}
