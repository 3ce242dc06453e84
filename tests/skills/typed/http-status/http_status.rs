#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u16)]
pub enum Status {
    Ok = 200,
    MovedPermanently = 301,
    NotFound = 404,
    Teapot = 418,
    InternalServerError = 500,
}

#[derive(Debug, Clone)]
pub struct Response {
    pub code: Status,
    pub body: Option<String>,
    pub millis: f32,
}

impl TryFrom<u16> for Status {
    type Error = ();

    fn try_from(code: u16) -> Result<Self, ()> {
        Ok(match code {
            200 => Status::Ok,
            301 => Status::MovedPermanently,
            404 => Status::NotFound,
            418 => Status::Teapot,
            500 => Status::InternalServerError,
            _ => return Err(()),
        })
    }
}

pub fn of_code(code: u16) -> Option<Status> {
    Status::try_from(code).ok()
}

pub fn code_of(code: Status) -> u16 {
    code as u16
}

pub fn is_error(code: Status) -> bool {
    code as u16 >= 400
}

pub fn failures(responses: &[Response]) -> Vec<(u16, Status, u8)> {
    let mut counts = std::collections::BTreeMap::new();
    for r in responses.iter().filter(|r| is_error(r.code)) {
        *counts.entry(r.code).or_insert(0u8) += 1;
    }
    counts.into_iter().map(|(status, n)| (status as u16, status, n)).collect()
}

pub fn slowest(responses: Vec<Response>) -> Result<Response, Status> {
    responses.into_iter().max_by(|a, b| a.millis.total_cmp(&b.millis)).ok_or(Status::NotFound)
}
