package import EarmarkAnswer
import EarmarkFiles
import EarmarkMedia
package import EarmarkStore
import Foundation

extension Answer {
    /// The answer of a worker, which knows no names, as the store's own program would have given it.
    ///
    /// - Parameters:
    ///   - subject: the answer's meeting; nil where none was found.
    ///   - bundle: the worker's.
    /// - Returns: nil if the answer speaks of another meeting, or of a client that is not enrolled in it.
    package func named(by subject: AnalysisSubject?, bundle: String) -> Answer? {
        guard meeting?.id == subject?.meeting.id else { return nil }
        let who = Dictionary(
            (subject?.candidates ?? []).map { ($0.clientID, $0) }, uniquingKeysWith: { first, _ in first })
        var answer = self
        answer.bundle = bundle
        answer.statements = Answer.statements(playedAt)
        answer.meeting = (subject?.meeting).map(Meeting.init)
        answer.sources = []
        for source in sources {
            guard let client = who[source.client], let named = source.named(client, among: who) else { return nil }
            answer.sources.append(named)
        }
        answer.unmarkable = (subject?.candidates ?? []).filter { !$0.isMarkable }.map(Unmarkable.init)
        answer.summary =
            (leftOpen.map { $0 + " " } ?? "")
            + Answer.summary(
                verdict, answer.sources, pilot: pilot, requiredZ: tested.sufficientZ, search: search,
                unexamined: (file.unexamined ?? []).map {
                    OmittedTrack(position: $0.index, codec: $0.codec, reason: $0.reason)
                }, seconds: file.seconds)
        return answer
    }
}

extension Answer.Source {
    /// The source with its client's names; nil if a microphone is of nobody who is enrolled.
    fileprivate func named(_ who: SeededClient, among all: [ClientID: SeededClient]) -> Answer.Source? {
        var microphone = microphone
        if let heard = self.microphone, let client = heard.client {
            guard let owner = all[client] else { return nil }
            microphone = Answer.Microphone(
                state: heard.state, client: client, participant: owner.participant,
                isOnlyStated: heard.isOnlyStated, z: heard.z, delaySeconds: heard.delaySeconds)
        }
        var source = Answer.Source(
            verdict: verdict, client: client, participant: who.participant, email: who.email, device: who.device,
            kind: who.kind.rawValue, log10FalseAccusation: log10FalseAccusation, z: z,
            strengthDecibels: strengthDecibels, levelDecibels: levelDecibels, leastLevelDecibels: leastLevelDecibels,
            reason: reason, pitch: pitch, rate: rate, heardSeconds: heardSeconds, heard: heard,
            microphone: microphone, content: content)
        source.foundIn = foundIn
        return source
    }
}
