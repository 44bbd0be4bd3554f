/// The part of a run that a task of a job scheduler takes.
package enum ArrayPart {
    /// The part that `environment` tells, from 1; nil outside of job schedulers.
    ///
    /// Slurm's tasks are numbered from 1 (`--array=1-N`), so that one that is submitted again alone keeps its part; the
    /// indices of Kubernetes and AWS Batch begin at 0.
    /// - Throws: `partUnusable`.
    package static func detected(in environment: [String: String], parts: Int) throws(RunError) -> Int? {
        let schedulers = [
            ("Slurm array", "SLURM_ARRAY_TASK_ID", 0), ("AWS Batch array", "AWS_BATCH_JOB_ARRAY_INDEX", 1),
            ("Kubernetes Indexed Job", "JOB_COMPLETION_INDEX", 1),
        ]
        var found: (part: Int, variable: String)?
        for (name, variable, first) in schedulers {
            guard let text = environment[variable] else { continue }
            guard let number = Int(text), (1...parts).contains(number + first) else {
                throw RunError(
                    .partUnusable,
                    "\(name): \(variable) is '\(text)', and the plan has parts 1 to \(parts)"
                        + (first == 0 ? "; submit the array with --array=1-\(parts)" : ""))
            }
            if let found, found.part != number + first {
                throw RunError(
                    .partUnusable,
                    "\(found.variable) says part \(found.part), and \(variable) part \(number + first): say --part I")
            }
            found = found ?? (number + first, variable)
        }
        return found?.part
    }
}
