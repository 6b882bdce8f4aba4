//! `tests/kernels/**.py`: programs with run lines, on every judge.

use gelcap_tests::{case, conclude, judgement, on_big_stack};

#[test]
fn kernels() {
    let (checked, complaints) = on_big_stack(|| {
        let cases = match case::cases("tests/kernels") {
            Ok(cases) => cases,
            Err(faults) => return (String::new(), faults),
        };
        match judgement::judge(&cases) {
            Err(why) => (String::new(), vec![why]),
            Ok(s) => {
                let checked = format!("{} programs, {} runs, {} calls", s.programs, s.runs, s.calls);
                (checked, s.complaints.into_iter().map(|c| c.text).collect())
            }
        }
    });
    conclude(&checked, &complaints);
}
