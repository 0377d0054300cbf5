"""sluice.h written out in Rust (Plugins/Examples/rust/sluice) is what the C compiler sees."""

import re
import subprocess

from harness import header
from harness.host import ROOT
from harness.installed import EXAMPLES

MIRROR = EXAMPLES / "rust" / "sluice"
WORDS = {"uint8_t": "u8", "uint16_t": "u16", "uint32_t": "u32", "uint64_t": "u64",
         "int32_t": "i32", "int64_t": "i64", "size_t": "usize", "char": "c_char",
         "void": "c_void", "double": "f64"}

PROGRAM = """#[path = "{mirror}/mod.rs"]
mod sluice;
use sluice::*;
macro_rules! at {{ ($kind:ty, $member:ident, $bytes:expr) => {{
    let memory = std::mem::MaybeUninit::<$kind>::uninit();
    let start = memory.as_ptr();
    let place = unsafe {{ std::ptr::addr_of!((*start).$member) }};
    assert_eq!(place as usize - start as usize, $bytes, stringify!($kind.$member));
}} }}
fn main() {{
{rows}
}}
"""


def rust_name(name):
    """A name of the header as Rust can spell it."""
    return f"r#{name}" if name in ("where", "fn", "type", "ref") else name


def layout_rows():
    """The rows that the C compiler has checked, as assertions in Rust."""
    text = "\n".join(
        (ROOT / "Plugins" / "ABI" / name).read_text() for name in ("layout.c", "constants.c"))
    for kind, words in re.findall(r"^(SIZE|AT|VALUE)\((.*)\);$", text, flags=re.M):
        words = [word.strip(" ()") for word in words.split(",")]
        if kind == "SIZE":
            yield f'assert_eq!(std::mem::size_of::<{words[0]}>(), {words[1]}, "{words[0]}");'
        elif kind == "AT":
            yield f"at!({words[0]}, {rust_name(words[1])}, {words[2]});"
        else:
            yield f'assert_eq!({words[0]} as i128, {words[1]}, "{words[0]}");'


def test_each_size_offset_and_number_is_that_of_c(tmp_path):
    rows = [*layout_rows(), 'assert_eq!(SLUICE_NEVER, u64::MAX, "SLUICE_NEVER");']
    assert len(rows) > 450
    for name, number in re.findall(r'#define (SLUICE_\w+) "(.*?)"', header.code()):
        rows.append(f'assert_eq!({name}, b"{number}\\0", "{name}");')
    source = tmp_path / "layout.rs"
    source.write_text(PROGRAM.format(mirror=MIRROR, rows="\n".join(f"    {row}" for row in rows)))
    done = subprocess.run(
        ["rustc", "--edition", "2021", "-D", "warnings", "-o", str(tmp_path / "layout"),
         str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    subprocess.run([str(tmp_path / "layout")], check=True)


def rust_type(text):
    """A C type without function pointers, as the mirror writes it."""
    text = text.replace("struct ", "").strip()
    if text.endswith("**"):
        return f"*mut *mut {rust_type(text[:-2])}"
    if text.endswith("*"):
        inner = text[:-1].strip()
        kind = "const" if inner.startswith("const ") else "mut"
        return f"*{kind} {rust_type(inner.removeprefix('const '))}"
    return WORDS.get(text, text)


def rust_function(result, parameters):
    """A function pointer of the header, as the mirror writes it."""
    written = []
    for parameter in re.split(r",\s*(?![^()]*\))", parameters):
        if parameter == "void":
            continue
        inner = re.match(r"(.*?) ?\(\*(\w+)\) ?\((.*)\)$", parameter)
        if inner:
            written.append(f"{inner[2]}: {rust_function(inner[1], inner[3])}")
            continue
        kind, name = re.match(r"(.*?)(\w+)$", parameter).groups()
        written.append(f"{'this' if name == 'self' else rust_name(name)}: {rust_type(kind)}")
    answer = "" if result == "void" else f" -> {rust_type(result)}"
    return f'Option<unsafe extern "C" fn({", ".join(written)}){answer}>'


def test_each_function_takes_and_answers_what_it_does_in_c():
    text = " ".join("".join(path.read_text() for path in sorted(MIRROR.glob("*.rs"))).split())
    text = re.sub(r",? ([)>])", r"\1", re.sub(r"([(<]) ", r"\1", text))
    count = 0
    for name, body in header.structs().items():
        mirrored = re.search(r"pub struct %s \{(.*?)\}" % name, text)
        assert mirrored, f"the mirror has no {name}"
        for member, parts in header.functions(body).items():
            assert f"pub {rust_name(member)}: {rust_function(*parts)}" in mirrored[1], (
                f"{name}.{member}")
            count += 1
    assert count > 80
