import EarmarkFiles

/// A plan as JSON.
package struct PlanView: Encodable {
    let digest: String
    let inputs: Int
    let parts: Int
    let out: String
    /// Hidden entries of folders, which are left out; nil if there were none.
    let hidden: Int?

    /// `path` is where the plan was written; `hidden` entries were left out.
    package init(_ plan: RunPlan, path: String, hidden: Int) {
        self.hidden = hidden > 0 ? hidden : nil
        digest = plan.digest
        inputs = plan.items.count
        parts = plan.parts
        out = path
    }

    /// The same for people.
    package var text: String {
        "\(Counted.text(inputs, "input")) in \(Counted.text(parts, "part")); the run is \(digest)"
            + (hidden.map { "; \($0) hidden left out" } ?? "")
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
