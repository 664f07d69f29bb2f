//! Plots of the groups whose cases have a number of actors.

use std::fs;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::run::Results;

/// What is drawn: the number, the name of the file, the text at the axis, and the corner that no
/// line comes to.
const PLOTS: [(&str, &str, &str, SeriesLabelPosition); 3] = [
    ("cpu_seconds", "time.svg", "CPU seconds", SeriesLabelPosition::UpperLeft),
    ("states", "states.svg", "states", SeriesLabelPosition::UpperLeft),
    ("bytes_per_state", "memory.svg", "bytes per state", SeriesLabelPosition::UpperRight),
];

const SIZE: (u32, u32) = (760, 440);

/// Distinct on white, also without colours: each line has a mark of its own.
const COLORS: [RGBColor; 11] = [
    RGBColor(0, 90, 181),
    RGBColor(220, 50, 32),
    RGBColor(0, 125, 90),
    RGBColor(153, 79, 0),
    RGBColor(120, 60, 160),
    RGBColor(90, 90, 90),
    RGBColor(230, 120, 0),
    RGBColor(20, 20, 20),
    RGBColor(200, 80, 160),
    RGBColor(0, 160, 200),
    RGBColor(130, 130, 0),
];

type Drawn = Result<(), String>;

/// The medians of one variant, by actors.
struct Line {
    name: &'static str,
    /// The variant's position: it has the same colour and mark on each plot.
    at: usize,
    points: Vec<(f64, f64)>,
}

/// Draws all plots into a folder.
///
/// # Errors
///
/// A file cannot be written.
pub fn draw(results: &[Results], folder: &Path) -> Drawn {
    fs::create_dir_all(folder).map_err(|error| format!("{folder:?}: {error}"))?;
    for one in results {
        for (number, file, axis, corner) in PLOTS {
            let lines = lines(one, number);
            if !lines.is_empty() {
                let path = folder.join(file);
                let area = SVGBackend::new(&path, SIZE).into_drawing_area();
                plot(&area, &lines, axis, corner).map_err(|error| format!("{path:?}: {error}"))?;
            }
        }
    }
    Ok(())
}

fn lines(results: &Results, number: &str) -> Vec<Line> {
    let line = |at: usize| {
        let points = results.group.cases.iter().zip(&results.cells).filter_map(|(case, cells)| {
            let value = cells[at].median(number).filter(|value| *value > 0.0)?;
            Some((f64::from(case.actors?), value))
        });
        Line { name: results.group.variants[at].name, at, points: points.collect() }
    };
    let lines = (0..results.group.variants.len()).map(line);
    lines.filter(|line| !line.points.is_empty()).collect()
}

fn plot(
    area: &DrawingArea<SVGBackend, Shift>,
    lines: &[Line],
    axis: &str,
    corner: SeriesLabelPosition,
) -> Drawn {
    let text = |error: DrawingAreaErrorKind<_>| format!("{error}");
    let points = || lines.iter().flat_map(|line| &line.points);
    let fold = |of: fn(f64, f64) -> f64, start, at: fn(&(f64, f64)) -> f64| {
        points().map(at).fold(start, of)
    };
    let (left, right) = (fold(f64::min, f64::MAX, |p| p.0), fold(f64::max, 0.0, |p| p.0));
    let (low, high) = (fold(f64::min, f64::MAX, |p| p.1), fold(f64::max, 0.0, |p| p.1));
    area.fill(&WHITE).map_err(text)?;
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(70)
        .build_cartesian_2d(left - 0.2..right + 0.2, (low / 1.5..high * 1.5).log_scale())
        .map_err(text)?;
    let mut mesh = chart.configure_mesh();
    mesh.x_desc("actors").y_desc(axis).x_labels((right - left) as usize + 1);
    mesh.x_label_formatter(&|x| format!("{x:.0}")).y_label_formatter(&|y| label(*y));
    mesh.light_line_style(WHITE).label_style(("sans-serif", 14)).draw().map_err(text)?;
    for line in lines {
        let color = COLORS[line.at % COLORS.len()];
        let drawn = LineSeries::new(line.points.iter().copied(), color.stroke_width(2));
        chart
            .draw_series(drawn)
            .map_err(text)?
            .label(line.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(3)));
        let mark = |point: &(f64, f64)| match line.at % 3 {
            0 => Circle::new(*point, 4, color.filled()).into_dyn(),
            1 => TriangleMarker::new(*point, 6, color.filled()).into_dyn(),
            _ => Cross::new(*point, 5, color.stroke_width(2)).into_dyn(),
        };
        chart.draw_series(line.points.iter().map(mark)).map_err(text)?;
    }
    let mut legend = chart.configure_series_labels();
    legend.position(corner).background_style(WHITE.mix(0.8));
    legend.border_style(BLACK.mix(0.3)).label_font(("sans-serif", 14)).draw().map_err(text)?;
    area.present().map_err(text)
}

/// A number at the logarithmic axis.
fn label(number: f64) -> String {
    match number {
        n if n >= 1e6 => format!("{:.0} M", n / 1e6),
        n if n >= 1.0 => format!("{n:.0}"),
        n => format!("{n}"),
    }
}
