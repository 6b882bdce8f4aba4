use super::*;
use crate::diag::FileId;

fn read_all(text: &str) -> (Vec<Export>, Vec<Diagnostic>, SourceMap) {
    let mut sources = SourceMap::new();
    let file = sources.add(SourceFile::new("t.py", text));
    let mut sink = Sink::new();
    let parsed = crate::front::parse(&sources, file, &mut sink);
    (parsed.exports, sink.finish(), sources)
}

fn printed(text: &str) -> Vec<String> {
    let (exports, found, _) = read_all(text);
    assert_eq!(found, [], "{text}");
    let print = |export: &Export| {
        let signatures: Vec<String> = export.signatures.iter().map(Signature::to_pythran).collect();
        format!("{}{} {}", if export.capsule { "capsule " } else { "" }, export.name.text, signatures.join(" / "))
    };
    exports.iter().map(print).collect()
}

const DEFS: &str = "def f(a, b): pass\ndef g(): pass\ndef h(a, b=1, *c): pass\n";

#[test]
fn every_form_of_an_export_is_read() {
    let text =
        "#pythran export f(int, float64 [:])\n#  pythran   export g ( )\n# gelcap: export capsule f(int32,float64*)\n"
            .to_owned();
    assert_eq!(
        printed(
            &(text.clone() + "def f(a, b): pass\n")
                .replace("#pythran export f(int, float64 [:])\n", "")
                .replace("#  pythran   export g ( )\n", "")
        ),
        ["capsule f f(int32, float64*)"]
    );
    let text = format!(
        "#pythran export f(int, float), g()\n#pythran export h(int,\n#  float,\n#       (int, bool))\n# pythran export \\\n#   f(int list, int?)\n{DEFS}"
    );
    assert_eq!(printed(&text), ["f f(int, float)", "g g()", "h h(int, float, (int, bool))", "f f(int list, int?)"]);
    let text = format!(
        "{DEFS}#pythran export f(int or float, int8)\n# pythran export f(float64[:,:], int)\n#gelcap: export g\n"
    );
    assert_eq!(
        printed(&text),
        ["f f(int, int8) / f(float, int8)", "f f(float64[:,:] order(C), int) / f(float64[:,:] order(F), int)", "g ",]
    );
    assert_eq!(
        printed(
            "# pythran exports nothing\n# pythranic export x\n# an export\n# gelcap: exporter=1\n"
                .replace("# gelcap: exporter=1\n", "")
                .as_str()
        ),
        [] as [&str; 0]
    );
}

#[test]
fn spans_point_into_the_comment() {
    let text = "x = 1\n#pythran export f(int,\n#     float46)\ndef f(a, b): pass\n";
    let (_, found, sources) = read_all(text);
    let [error] = &found[..] else { panic!("{found:?}") };
    assert_eq!((error.code, sources.text(error.span().unwrap())), (Code::UnknownType, "float46"));
    assert_eq!(error.help.as_deref(), Some("did you mean `float64`?"));
    let (exports, _, sources) = read_all("# pythran export capsule f(int, int)\ndef f(a, b): pass\n");
    assert_eq!(sources.text(exports[0].span), "capsule f(int, int)");
    assert_eq!(sources.text(exports[0].signatures[0].params[1].span), "int");
}

#[test]
fn wrong_exports_are_named() {
    let code = |text: &str| read_all(&format!("{text}\n{DEFS}")).1.iter().map(|d| d.code).collect::<Vec<_>>();
    assert_eq!(code("#pythran export k(int)"), [Code::ExportUnknown]);
    assert_eq!(code("#pythran export f(int)"), [Code::SignatureMismatch]);
    assert_eq!(code("#pythran export h()"), [Code::SignatureMismatch]);
    assert_eq!(code("#pythran export h(int, int, int, int)"), []);
    assert_eq!(code("#pythran export capsule f(int, int)\n#pythran export f(float, int)"), [Code::CapsuleOverload]);
    assert_eq!(code("#pythran export capsule f(int or float, int)"), [Code::CapsuleOverload]);
    assert_eq!(code("#pythran export f(int, int) g()"), [Code::ExportComment]);
    assert_eq!(code("#pythran export"), [Code::ExportComment]);
    assert_eq!(code("#pythran export f(int,"), [Code::SignatureSyntax]);
    assert_eq!(code("#pythran export f(str, int)"), [Code::UnsupportedType]);
    assert_eq!(code("#pythran export f(complex128[], int)"), [Code::ComplexUnsupported]);
    assert_eq!(code("#pythran export f(int, str:int dict)"), [Code::UnsupportedType]);
    // The file is broken: what it defines is not known.
    assert_eq!(read_all("#pythran export k(int)\ndef (:\n").1.len(), 1);
}

#[test]
fn no_text_makes_it_panic() {
    let pieces = [
        "f", "(", ")", "[", "]", ":", "::1", "int", "float64", "*", ",", "or", "?", "order", "list", "const", "Array",
        "2", "\"C\"", "é", "'",
    ];
    let mut state = 1u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            text += pieces[(state >> 33) as usize % pieces.len()];
            text += if state >> 63 == 0 { " " } else { "" };
        }
        let _ = signature::parse_exports(&text, FileId(0), 0, DataModel::LP64);
        let _ = signature::parse(&text, FileId(0), 0, DataModel::LP64);
    }
}
