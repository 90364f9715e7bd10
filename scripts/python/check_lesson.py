"""Checks that the lesson and the library agree: the models and the training that 02_gan_cifar10 writes out in its cells
must give, bit for bit, the results of gan_nb's own.

usage: check_lesson.py, in the project's root; runs the notebook's definitions under the kernel `gan_nb`
"""

import sys
from pathlib import Path

import nbformat
from execute import Failed, Runner, read

LESSON = Path("notebooks/02_gan_cifar10.ipynb")
DEFINITIONS = (":dep ", "use ", "const ", "fn ")
EQUAL = "the lesson and the library are equal"
CHECK = f"""
fn bits(model: &Sequential) -> Result<Vec<Vec<f32>>> {{
    Ok(model.weights().into_iter().map(|(_, w)| Vec::<f32>::try_from(w.value.reshape([-1i64]))).collect::<std::result::Result<_, _>>()?)
}}
{{ // A block keeps no variables, so evcxr need not infer any types.
    let x_train = gan_nb::data::Shapes::generate(64, SEED)?;
    for config in [GanConfig::tutorial(), GanConfig::dcgan()] {{
        let mut lesson = Gan::compile(build_generator()?, build_discriminator()?, config.clone())?;
        let mut library = Gan::new(config.clone())?;
        assert_eq!(lesson.generator.summary().to_string(), library.generator.summary().to_string());
        assert_eq!(lesson.discriminator.summary().to_string(), library.discriminator.summary().to_string());
        assert_eq!(bits(&lesson.generator)?, bits(&library.generator)?, "first weights");
        let losses = |h: &History| (0..h.len()).map(|i| h.row(i)).collect::<Vec<_>>();
        let mine = train_gan(&mut lesson, &x_train, 3, 8, 2)?;
        let own = library.train_gan(&x_train, 3, 8, 2)?;
        assert_eq!(mine.metrics(), own.metrics(), "names");
        assert_eq!(losses(&mine), losses(&own), "losses");
        assert_eq!(bits(&lesson.generator)?, bits(&library.generator)?, "generator");
        assert_eq!(bits(&lesson.discriminator)?, bits(&library.discriminator)?, "discriminator");
        let (a, b) = (sample_images(&mut lesson)?, library.sample_images()?);
        assert!(a.fixed.equal(&b.fixed) && a.fresh.equal(&b.fresh), "samples");
        // After the stop button, the same call resumes.
        if let Ok(button) = std::env::var("EVCXR_LIVE_INTERRUPT") {{
            let mut stopped = Gan::compile(build_generator()?, build_discriminator()?, config)?;
            std::fs::write(&button, "")?;
            assert_eq!(train_gan(&mut stopped, &x_train, 3, 8, 2)?.len(), 1, "stops at the button");
            std::fs::remove_file(&button)?;
            assert_eq!(losses(&train_gan(&mut stopped, &x_train, 3, 8, 2)?), losses(&mine), "resumes");
        }}
    }}
}}
println!("{EQUAL}");
"""


def definitions(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.startswith(DEFINITIONS)]
    # A cell that also uses what it defines belongs to the lesson's flow, not to its models.
    return [cell for cell in cells if "println!" not in cell.source]


def main() -> None:
    cells = definitions(read(LESSON)) + [nbformat.v4.new_code_cell(CHECK)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    Runner(notebook, LESSON.parent).run()
    printed = "".join(output.get("text", "") for output in notebook.cells[-1].outputs)
    if EQUAL not in printed:
        raise Failed(f"{LESSON}: the check printed {printed!r}, expected {EQUAL!r}")


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        sys.exit(f"FAILED: {error}")
