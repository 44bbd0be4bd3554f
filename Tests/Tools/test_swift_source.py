"""Tests of the measuring of Swift functions, which Tools/check-layout relies on."""

import unittest

from earmark_tools.swift_source import blanked, functions


def measured(source: str) -> list[tuple[str, int, int]]:
    return [(function.name, function.first, function.last) for function in functions(source)]


class Blanking(unittest.TestCase):
    def test_lines_stay_and_code_stays(self) -> None:
        source = 'let a = "{"  // }\nlet b = 1 /* { /* nested\n } */ { */ + 2\n'
        self.assertEqual(blanked(source).count("\n"), 3)
        self.assertEqual(blanked(source).split(), ["let", "a", "=", "let", "b", "=", "1", "+", "2"])

    def test_strings_end_where_they_end(self) -> None:
        for text in (
            r'"\"{"',
            r'"a \(b("}", { "c" })) {"',
            '"""\n" {\n"""',
            r'#"\ " \( {"#',
            r'#"\#(x ? "{" : "}") {"#',
            '##"""\n"# {\n"""##',
            r'"\\"',
        ):
            with self.subTest(text):
                self.assertEqual(blanked(text + " x").strip(), "x")

    def test_a_slash_divides_or_begins_an_expression(self) -> None:
        self.assertEqual(blanked("f(a / b, c/d)"), "f(a / b, c/d)")
        self.assertEqual(blanked(r"f(/,\n *}\/{/) { x }").split(), ["f(", ")", "{", "x", "}"])


class Measuring(unittest.TestCase):
    def test_a_function_counts_from_its_name_to_its_brace(self) -> None:
        source = "/// Doc.\n@inline(always)\nfunc f(\n    a: Int = 1,\n    b: () -> Void = {}\n) -> Int {\n    a\n}\n"
        self.assertEqual(measured(source), [("f", 3, 8)])

    def test_what_has_a_body_is_found(self) -> None:
        source = """struct S {
    var stored: Int
    let constant = 3
    var computed: Int {
        1
    }
    var observed = 3 {
        didSet {}
    }
    lazy var made = {
        1
    }()
    init?(x: Int) {
        self.init(y: x)
    }
    deinit {
    }
    subscript(index: Int) -> Int {
        get { 1 }
    }
    static func == (a: S, b: S) -> Bool {
        true
    }
}
"""
        expected = [("computed", 4, 6), ("made", 10, 12), ("init", 13, 15), ("deinit", 16, 17), ("subscript", 18, 20)]
        self.assertEqual(measured(source), [*expected, ("==", 21, 23)])

    def test_inner_functions_are_found_as_well(self) -> None:
        source = "func outer() {\n    func inner() {\n    }\n    if let x {\n    }\n    for var y in z {\n    }\n}\n"
        self.assertEqual(measured(source), [("inner", 2, 3), ("outer", 1, 8)])

    def test_requirements_of_protocols_have_no_body(self) -> None:
        requirements = "func f()\n    var v: Int { get }\n    init(x: Int)"
        source = f"protocol P {{\n    {requirements}\n}}\nstruct S {{\n    let y: Int\n}}\n"
        self.assertEqual(measured(source), [("v", 3, 3)])

    def test_types_and_statements_are_no_functions(self) -> None:
        source = "enum E {\n    case a\n}\nfunc f() {\n    var x: Int\n    if y {\n    }\n    run {\n    }\n}\n"
        self.assertEqual(measured(source), [("f", 4, 10)])

    def test_brackets_of_a_signature_are_no_body(self) -> None:
        source = "func f(_ g: [String: () -> Int], h: Int = [{ 1 }()][0]) async throws(E) -> [Int]\nwhere T == U {\n}\n"
        self.assertEqual(measured(source), [("f", 1, 3)])


if __name__ == "__main__":
    unittest.main()
