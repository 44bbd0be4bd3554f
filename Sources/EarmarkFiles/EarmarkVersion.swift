/// The version of Earmark.
public enum EarmarkVersion {
    /// Semantic version of library and program; shown by `--version` and stored with analyses.
    public static let current = "0.1.0"
}
