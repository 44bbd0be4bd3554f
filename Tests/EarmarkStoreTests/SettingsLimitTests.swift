import EarmarkFiles
import Foundation
import Testing

@testable import EarmarkStore

/// `earmark settings`: the limits of each setting, at them and just past them, for new organisations and changes alike.
@Suite struct SettingsLimitTests {
    private typealias Change = @Sendable (inout OrganisationSettings) -> Void

    private static let fit: [Change] = [
        { $0.retentionDays = 0 }, { $0.retentionDays = 36_500 }, { $0.maximumBytes = 1 },
        { $0.maximumBytes = 1_000_000_000_000 }, { $0.minimumSeconds = 0 }, { $0.minimumSeconds = 86_400 },
        { $0.log10Threshold = -3 }, { $0.log10Threshold = -70 }, { $0.allowsShort = true },
        { $0.isWatermarkingOn = false },
    ]
    private static let unfit: [Change] = [
        { $0.retentionDays = -1 }, { $0.retentionDays = 36_501 }, { $0.maximumBytes = 0 },
        { $0.maximumBytes = 1_000_000_000_001 }, { $0.minimumSeconds = -0.001 }, { $0.minimumSeconds = 86_400.001 },
        { $0.minimumSeconds = .nan }, { $0.log10Threshold = -2.999 }, { $0.log10Threshold = -70.001 },
        { $0.log10Threshold = -.infinity },
    ]

    @Test func limitsAreTaken() throws {
        let keeper = try TemporaryStoreKeeper.make()
        for (index, change) in Self.fit.enumerated() {
            var settings = OrganisationSettings()
            change(&settings)
            try keeper.store.updateSettings(settings, of: keeper.organisationID)
            #expect(try keeper.store.organisation(keeper.organisationID).settings == settings)
            let added = try keeper.store.addOrganisation(name: "O\(index)", settings: settings)
            #expect(try keeper.store.organisation(added.id) == added)
            #expect(added.settings == settings && added.createdAt == testStart)
        }
    }

    @Test func whatLiesBeyondIsRefusedAndChangesNothing() throws {
        let keeper = try TemporaryStoreKeeper.make()
        for change in Self.unfit {
            var settings = OrganisationSettings()
            change(&settings)
            #expect(throws: StoreError(.valueInvalid, "")) {
                try keeper.store.updateSettings(settings, of: keeper.organisationID)
            }
            #expect(throws: StoreError(.valueInvalid, "")) {
                try keeper.store.addOrganisation(name: "O", settings: settings)
            }
        }
        #expect(try keeper.store.organisations().map(\.settings) == [OrganisationSettings()])
        #expect(try keeper.store.keyFile.read(storeID: keeper.store.storeID).organisationKeys.count == 1)
    }

    /// README and docs/file-formats.md: what a new organisation begins with.
    @Test func defaultsAreThoseOfTheDocuments() {
        let settings = OrganisationSettings()
        #expect(settings.isWatermarkingOn && !settings.allowsShort)
        #expect(settings.retentionDays == 360 && settings.maximumBytes == 500_000_000)
        #expect(settings.minimumSeconds == 100 && settings.log10Threshold == -9)
    }
}

/// docs/file-formats.md: times are ISO 8601.
@Suite struct TimestampLimitTests {
    /// Days of the months of 2100, which is no leap year, and of 2024, which is one.
    @Test(arguments: [(2100, 28), (2024, 29)]) func monthsHaveTheirDays(year: Int, february: Int) {
        for (month, days) in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
            func text(_ day: Int) -> String {
                let digits = [month + 1, day].map { $0 < 10 ? "0\($0)" : "\($0)" }
                return "\(year)-\(digits[0])-\(digits[1])T00:00:00Z"
            }
            #expect(Timestamp(text(days))?.text == text(days))
            #expect(Timestamp(text(days + 1)) == nil, "\(text(days + 1))")
            #expect(Timestamp(text(0)) == nil)
        }
    }

    @Test(arguments: [
        ("2026-03-02t09:00:00z", "2026-03-02T09:00:00Z"), ("2026-03-02T23:59:59", "2026-03-02T23:59:59Z"),
        ("2026-03-02T09:00:00,5Z", "2026-03-02T09:00:00Z"), ("2026-03-02T09:00+23:59", "2026-03-01T09:01:00Z"),
        ("2026-03-02T09:00-0130", "2026-03-02T10:30:00Z"), ("2026-03-02T09:07:08Z", "2026-03-02T09:07:08Z"),
    ]) func timesAreReadAndWritten(text: String, written: String) {
        #expect(Timestamp(text)?.text == written)
    }

    @Test(arguments: [
        "2026-03-02T09:00+24:00", "2026-03-02T09:00+01:60", "2026-03-02T09:00*01:00", "2026/03-02T09:00",
        "2026-03-02T09.00", "2026-03-02X09:00",
    ]) func otherTextIsRefused(text: String) { #expect(Timestamp(text) == nil) }

    @Test func timesOutsideAreClamped() {
        #expect(Timestamp(seconds: -1).text == "1970-01-01T00:00:00Z")
        #expect(Timestamp(seconds: .max).text == "9999-12-31T23:59:59Z")
        #expect(Timestamp(seconds: 86_399).text == "1970-01-01T23:59:59Z")
    }

    /// docs/file-formats.md: the store is where the option, the environment or the user's folder says.
    @Test func onlyAbsoluteDataFoldersCount() {
        let environment = ["HOME": "/home/u", "XDG_DATA_HOME": "relative", "EARMARK_KEY_FILE": ""]
        let location = StoreLocation.resolve(option: nil, environment: environment)
        #expect(location.store == "/home/u/.local/share/earmark/earmark.db")
        #expect(location.keyFile == "/home/u/.local/share/earmark/earmark.db.key")
    }
}
