import EarmarkAnswer
import EarmarkFiles

extension HTMLReport {
    /// What the report does not show.
    var limits: String {
        HTML.section(
            "What this report does not show",
            "<ul>\n" + words.limits.map { "<li>\($0)</li>" }.joined(separator: "\n") + "\n</ul>")
    }

    /// How it was made, and how it is checked.
    var footer: String {
        """
        <footer>
        <p>Made by earmark from the stored analysis <code>\(HTML.escape(document.id.text))</code>; made again, it \
        has the same bytes as long as the store has the same of this file and meeting: an analysis that is added, \
        deleted or purged, or a change of the limit or of the records, changes it. \(times.note)The signature is in a \
        file beside it: <code>earmark report verify FILE</code>. How the limit is proven is in docs/statistics.md of \
        the program&rsquo;s source.</p>
        </footer>
        """
    }
}
