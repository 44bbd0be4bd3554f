"""Whether an answer is the right one."""

from earmark_tools.quirks.case import PADDING, Answer, Right

# Packets that may be lost where a file was cut or joined, or begins within a frame.
LOST = 4
# Exit status of `analyze` by code of refusal: the table in docs/errors.md.
STATUS = {
    "unsupportedType": 20,
    "unsupportedSampleFormat": 20,
    "tooLarge": 21,
    "tooShort": 22,
    "noAudio": 23,
    "videoOnly": 24,
    "encrypted": 25,
    "truncated": 26,
    "corrupt": 27,
    "timeLimit": 27,
    "outOfRange": 65,
}


def outcome(answer: Answer) -> str:
    """The verdict, or the code of the refusal."""
    refusal = answer.get("refusal")
    return str(refusal["code"] if refusal else answer.get("verdict"))


def remarks(answer: Answer) -> list[str]:
    """What is said beside the verdict: warnings, unexamined tracks, or the refusal."""
    unexamined = answer.get("file", {}).get("unexamined", [])
    said = [*answer.get("warnings", []), *(f"{track['codec']}: {track['reason']}" for track in unexamined)]
    return [answer["refusal"]["message"]] if "refusal" in answer else said


def starts(answer: Answer) -> list[float]:
    """Where the meeting begins in the recording by each stretch that a player shows, without repetitions, seconds."""
    heard = [stretch for stretch in answer["sources"][0]["heard"] if not stretch.get("isSkipped")]
    places = [stretch["from"] - stretch["meetingFrom"] for stretch in heard]
    return [place for index, place in enumerate(places) if index == 0 or abs(place - places[index - 1]) > PADDING]


def mistakes(answer: Answer, right: Right, email: str) -> list[str]:
    """What is wrong with the answer; nothing if it is right."""
    found, said = outcome(answer), remarks(answer)
    if found not in right.outcomes:
        return [": ".join([f"{found}, not {' or '.join(right.outcomes)}", *said])]
    wrong = []
    missing = [word for word in right.says if not any(word.lower() in remark.lower() for remark in said)]
    if missing:
        wrong.append(f"does not say {missing} but {said}")
    if "refusal" in answer:
        return wrong
    if not right.says and said:
        wrong.append(f"says {said}")
    file = answer["file"]
    if right.seconds is not None and abs(file["seconds"] - right.seconds) > PADDING:
        wrong.append(f"{file['seconds']:g} s long, not {right.seconds:g} s")
    if file["isTruncated"] != right.is_truncated:
        wrong.append("truncated" if file["isTruncated"] else "not truncated")
    if file["corruptPackets"] > LOST:
        wrong.append(f"{file['corruptPackets']} packets did not decode")
    if found == "identified":
        wrong += accusations(answer, right, email)
    return wrong


def accusations(answer: Answer, right: Right, email: str) -> list[str]:
    """What is wrong about who is named, and where."""
    people = [source["email"] for source in answer["sources"] if source["verdict"] == "identified"]
    if people != [email]:
        return [f"names {', '.join(people)}"]
    places = starts(answer)
    pairs = zip(places, right.starts, strict=False)
    if len(places) != len(right.starts) or any(abs(place - at) > right.tolerance for place, at in pairs):
        wanted = ", ".join(f"{at:g}" for at in right.starts)
        return [f"heard at {', '.join(f'{place:.3f}' for place in places)} s, not {wanted} s"]
    return []
