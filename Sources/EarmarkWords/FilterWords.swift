/// What help says of a stream's end.
package enum FilterWords {
    /// How `earmark filter` ends, and what it leaves behind.
    package static let ends = """
        The exit status is 0 at the end of the input, where the reader is gone, and after SIGINT or SIGTERM, which end \
        the stream as if its input had ended; a last frame that is not whole passes as it is. What is refused is \
        refused before anything is written, not even unmarked audio: 20 for what is no WAV, 26 for half a header, 65 \
        for a ticket that is unfit, revoked or not valid then, 66 for none. 74: reading or writing failed.
        """
}
