#[derive(Clone)]
pub struct Place {
    name: String,
    x: f32,
    y: f32,
}

fn distance(place: &Place, x: f32, y: f32) -> f32 {
    let (dx, dy) = (place.x - x, place.y - y);
    (dx * dx + dy * dy).sqrt()
}

pub fn nearest(mut places: Vec<Place>, x: f32, y: f32, k: u8) -> Vec<Place> {
    places.sort_by(|a, b| distance(a, x, y).total_cmp(&distance(b, x, y)));
    places.truncate(k as usize);
    places
}

pub fn nearest_name(places: &[Place], x: f32, y: f32) -> Option<String> {
    let found = nearest(places.to_vec(), x, y, 1);
    found.into_iter().next().map(|place| place.name)
}

pub fn distances(places: &[Place], x: f32, y: f32) -> Vec<f32> {
    places.iter().map(|p| distance(p, x, y)).collect()
}
