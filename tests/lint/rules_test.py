"""The lints themselves: each rule complains about a file made to break it, and about nothing else."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDERS = ("ssmix2", "fhir_mapper", "gateway", "tests/storage_gen", "tests/platform_sim", "tests/lint")


class Lint(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory(prefix="lint-")
        self.addCleanup(kept.cleanup)
        self.root = Path(kept.name)
        for folder in FOLDERS:
            (self.root / folder).mkdir(parents=True)

    def write(self, path, text):
        (self.root / path).write_bytes(text.encode())

    def complaints(self, *command):
        done = subprocess.run([*command, str(self.root)], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1 if done.stderr else 0, done.stderr)
        return done.stderr

    def tidy(self, path, text):
        self.write(path, text)
        return self.complaints(sys.executable, str(HERE / "tidy_test.py"))

    def layers(self, path, text):
        self.write(path, text)
        return self.complaints("bash", str(HERE / "layers_test.sh"))


class Tidy(Lint):
    def test_what_is_allowed_passes(self):
        self.assertEqual(self.tidy("gateway/a.cpp", """\
#include <string>
// strtod("1") in a comment, and "stoi(x)" in a string: neither is a call.
const char* const kText = "stoi(x); std::cout << '\\t'";
auto value = co_await list[index](a);
for (auto x : co_await store.run(std::move(ask))) { std::any_of(b, e, [&x](int y) { return y == x; }); }
auto ran = co_await run_on(pool, [] { return 1; });
int clock.tolower(int);
"""), "")

    def test_functions_that_depend_on_the_locale(self):
        for call in ("std::stoi(text)", "strtod(p, &end)", "::tolower(c)", "setlocale(LC_ALL, \"\")", "s.imbue(l)"):
            self.assertIn("gateway/a.cpp:2: ", self.tidy("gateway/a.cpp", f"\nauto x = {call};\n"), call)

    def test_a_capturing_lambda_inside_co_await(self):
        self.assertIn("gateway/a.cpp:1: a capturing",
                      self.tidy("gateway/a.cpp", "auto x = co_await run_on(pool,\n    [path] { return f(path); });\n"))
        self.assertIn("a capturing", self.tidy("gateway/a.cpp", "co_await run_on({.a = 1}, [this]() { return 1; });\n"))

    def test_names_of_tests_on_which_catch2_hangs(self):
        self.assertEqual(self.tidy("tests/a.cpp", f'TEST_CASE("{"a" * 60}: b") {{}}\n'), "")
        for name in (f'"{"a" * 75}: b"', f'\n    "{"a" * 40}"\n    "{"a" * 35}: b"'):
            self.assertIn("tests/a.cpp:1: \": \" behind", self.tidy("tests/a.cpp", f"TEST_CASE({name}) {{}}\n"))

    def test_results_on_stdout_outside_the_commands(self):
        self.assertIn("std::cout", self.tidy("gateway/sender.cpp", "void f() { std::cout << 1; }\n"))
        self.assertEqual(self.tidy("gateway/sender.cpp", "\n"), "")
        self.assertEqual(self.tidy("gateway/command_map.cpp", "void f() { std::cout << 1; }\n"), "")

    def test_long_files(self):
        self.assertEqual(self.tidy("gateway/a.cpp", "\n" * 400), "")
        self.assertIn("file of 401 lines", self.tidy("gateway/a.cpp", "\n" * 401))

    def test_long_functions(self):
        def text(statements):
            return "namespace n {\nA::A(int x)\n    : x_{x}, y_(2) {\n" + "  g();\n" * statements + "}\n}\n"

        self.assertEqual(self.tidy("gateway/a.cpp", text(67)), "")
        self.assertIn("function of 71 lines", self.tidy("gateway/a.cpp", "void f() {\n" + "  g();\n" * 69 + "}\n"))
        self.assertIn("function of", self.tidy("gateway/a.cpp", text(68)))
        self.assertEqual(self.tidy("gateway/a.cpp", "constexpr int kTable[] = {\n" + "  1,\n" * 90 + "};\n"), "")

    def test_the_list_of_long_ones_may_only_shrink(self):
        limits = "tests/lint/tidy_limits.txt"
        self.write(limits, "# long ones\nfile gateway/a.cpp 450\n")
        self.assertEqual(self.tidy("gateway/a.cpp", "\n" * 450), "")
        self.assertIn("grew from 450 to 451", self.tidy("gateway/a.cpp", "\n" * 451))
        self.assertIn("shrank from 450 to 420", self.tidy("gateway/a.cpp", "\n" * 420))
        subprocess.run([sys.executable, str(HERE / "tidy_test.py"), "--shrink", str(self.root)], check=True)
        self.assertIn("gateway/a.cpp 420", (self.root / limits).read_text())
        self.assertIn("within the limits now", self.tidy("gateway/a.cpp", "\n" * 10))

    def test_tabs_carriage_returns_and_missing_line_ends(self):
        shown = "```tsv\na\tb\n```\n"
        self.assertEqual(self.tidy("README.md", shown), "")
        self.assertIn("README.md:4: a tab", self.tidy("README.md", shown + "\ttext\n"))
        self.assertIn("gateway/a.cpp:2: a tab", self.tidy("gateway/a.cpp", "int a;\n\tint b;\n"))
        self.assertIn("gateway/a.cpp:2: a tab", self.tidy("gateway/a.cpp", shown))
        self.assertIn("a carriage return", self.tidy("gateway/a.cpp", "int a;\r\n"))
        self.assertIn("the last line has no end", self.tidy("gateway/a.cpp", "int a;"))

    def test_places_of_one_machine(self):
        # Assembled: nobody who looks for such places in the repository finds these.
        for place in ("/home" + "/somebody/x", "/tmp" + "/x", ".." + "/shared" + "/samples"):
            self.assertIn("place of one machine", self.tidy("README.md", f"see {place}\n"), place)
        self.assertEqual(self.tidy("README.md", "see ${TMPDIR}/tmp" + "/x and https://a.example/home" + "/x\n"), "")

    def test_the_table_of_contents(self):
        self.write("CONTRIBUTING.md", "### gateway/\n\n| file | holds |\n|---|---|\n| `a`, `gone` | `x` |\n\n## End\n")
        self.write("gateway/b.h", "#pragma once\n")
        complaints = self.tidy("gateway/a.cpp", "\n")
        self.assertIn("does not name b", complaints)
        self.assertIn("names gone, which is not there", complaints)
        self.assertEqual(complaints.count("\n"), 2, complaints)


class Layers(Lint):
    def test_what_is_allowed_passes(self):
        self.write("fhir_mapper/b.cpp", '#include "ssmix2/a.h"\n#include <pugixml.hpp>\n')
        self.write("gateway/fhir_client.cpp", '#include "fhir_mapper/b.h"\n#include <boost/beast/http.hpp>\n')
        self.write("gateway/asio.cpp", "#include <boost/beast/src.hpp>\n")
        self.assertEqual(self.layers("ssmix2/a.cpp", '#include "ssmix2/a.h"\n#include <string>\n'), "")

    def test_wrong_directions(self):
        for path, include in (
                ("ssmix2/a.h", '"fhir_mapper/b.h"'), ("ssmix2/a.cpp", "<pugixml.hpp>"),
                ("ssmix2/a.cpp", "<boost/asio/io_context.hpp>"), ("fhir_mapper/b.cpp", '"gateway/c.h"'),
                ("fhir_mapper/b.h", "<sqlite3.h>"), ("fhir_mapper/b.cpp", "<boost/asio.hpp>"),
                ("gateway/c.cpp", '"tests/storage_gen/x.h"'), ("gateway/c.cpp", "<sqlite3.h>"),
                ("gateway/c.h", "<boost/beast/core/tcp_stream.hpp>"), ("gateway/c.h", "<boost/asio/ssl/stream.hpp>"),
                ("tests/storage_gen/d.cpp", '"ssmix2/a.h"'), ("tests/platform_sim/e.cpp", '"gateway/c.h"')):
            with self.subTest(path=path, include=include):
                self.assertIn(f"{path}:1:#include {include}", self.layers(path, f"#include {include}\n"))
                self.write(path, "\n")


class Threads(Lint):
    LIST = "tests/unit/gateway/CMakeLists.txt"
    TEST = "tests/unit/gateway/a_test.cpp"

    def setUp(self):
        super().setUp()
        (self.root / "tests/unit/gateway").mkdir(parents=True)
        self.write(self.LIST, "set(tests_with_threads\n  b_test.cpp\n)\nset(tests_with_one_thread\n  a_test.cpp\n)\n")
        self.write("gateway/place.cpp", "void f() { std::thread([] {}).detach(); }\n")
        self.write("tests/unit/gateway/run.h", "#pragma once\n#include <boost/asio/io_context.hpp>\n")

    def threads(self, text):
        self.write(self.TEST, text)
        return self.complaints(sys.executable, str(HERE / "threads_test.py"))

    def test_what_is_allowed_passes(self):
        self.write("gateway/store.h", "#pragma once\n#include <boost/asio/thread_pool.hpp>\n")
        self.assertEqual(self.threads('#include "gateway/store.h"\n#include <string>\n'), "")

    def test_threads_outside_the_list_of_threads(self):
        for include in ("<thread>", "<atomic>", "<boost/asio/post.hpp>", '"gateway/place.h"',
                        '"tests/unit/gateway/run.h"'):
            self.assertIn("a_test.cpp: includes", self.threads(f"#include {include}\n"), include)

    def test_no_list(self):
        self.write(self.LIST, "\n")
        self.assertIn("no list", self.threads("\n"))


if __name__ == "__main__":
    unittest.main()
