/// Where the mark lives in time and frequency, in hertz and seconds, whatever the sample rate.
///
/// The plane of 256 chips x 28 dipoles of one period is divided into *cells*; every cell carries one sign.
/// docs/signal-design.md gives the measurements behind the numbers.
public enum MarkLayout {
    /// Sub-bands; a pair of neighbours is a dipole: one is raised and the other lowered.
    public static let bandCount = 56
    /// Dipoles: pairs of sub-bands (2p, 2p + 1).
    public static let dipoleCount = bandCount / 2
    /// Lower edge of sub-band 0, hertz.
    ///
    /// Below lies little that telephones carry, and pitch harmonics too wide apart.
    public static let lowestFrequency = 250.0
    /// Width of a sub-band, hertz: about a harmonic of speech each; wider leaves fewer cells, narrower smears in rooms.
    public static let bandWidth = 125.0
    /// Duration of a chip, seconds: 64-80 ms is the flat optimum once rooms count.
    public static let chipSeconds = 0.064
    /// Chips in a period, the unit of the timeline, of the pilot and of key derivation.
    public static let chipsPerPeriod = 256
    /// Duration of a period, seconds (16.384).
    public static let periodSeconds = chipSeconds * Double(chipsPerPeriod)
    /// Cells in a period.
    public static let cellsPerPeriod = chipsPerPeriod * dipoleCount
    /// Consecutive chips of a dipole within which the roles are dealt out.
    public static let chipsPerGroup = 8
    /// Pilot cells in a group: 25 % of the mark's energy buys synchronisation without knowing the time or the client.
    public static let pilotCellsPerGroup = 2
    /// Timeline cells in a group.
    public static let timelineCellsPerGroup = 1
    /// Content cells in a group: a fifth of what is a client's own shows whether the mark was put on this audio.
    public static let contentCellsPerGroup = 1
    /// Pilot cells in a period (1,792).
    public static let pilotCellsPerPeriod = cellsPerPeriod / chipsPerGroup * pilotCellsPerGroup
    /// Timeline cells in a period (896).
    public static let timelineCellsPerPeriod = cellsPerPeriod / chipsPerGroup * timelineCellsPerGroup
    /// Content cells in a period (896).
    public static let contentCellsPerPeriod = cellsPerPeriod / chipsPerGroup * contentCellsPerGroup
    /// Identity cells in a period (3,584).
    public static let identityCellsPerPeriod =
        cellsPerPeriod - pilotCellsPerPeriod - timelineCellsPerPeriod - contentCellsPerPeriod
    /// Bytes of a client's own keystream in a period: a bit for every identity cell, then a byte for every content
    /// cell, whose bit w (least significant first) is its sign where the word is w.
    public static let ownBytesPerPeriod = identityCellsPerPeriod / 8 + contentCellsPerPeriod
    /// Bands whose upper edge lies above this share of the sample rate carry no mark.
    public static let usableShareOfRate = 0.49

    /// Lower edge of `band`, hertz.
    public static func lowerEdge(ofBand band: Int) -> Double { lowestFrequency + bandWidth * Double(band) }

    /// Centre of `band`, hertz.
    public static func centre(ofBand band: Int) -> Double { lowerEdge(ofBand: band) + bandWidth / 2 }

    /// Number of whole dipoles below the usable limit at `sampleRate` hertz.
    public static func usableDipoles(sampleRate: Double) -> Int {
        let limit = usableShareOfRate * sampleRate
        let bands = Int(((limit - lowestFrequency) / bandWidth).rounded(.down))
        return max(0, min(bandCount, bands)) / 2
    }
}
