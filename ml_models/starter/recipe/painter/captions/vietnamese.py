"""Vietnamese captions."""

import random
import unicodedata

from ml_models.starter.recipe.painter.captions.language import Language, Phrases
from ml_models.starter.recipe.painter.subject import Subject

COLOURS: Phrases = {
    "red": ["đỏ"],
    "orange": ["cam"],
    "yellow": ["vàng"],
    "green": ["xanh lá", "xanh lá cây"],
    "blue": ["xanh dương", "xanh lam"],
    "purple": ["tím"],
    "pink": ["hồng"],
    "brown": ["nâu"],
    "black": ["đen"],
    "white": ["trắng"],
    "gray": ["xám"],
}

AROUND: Phrases = {
    "mountains": ["trên núi", "trước dãy núi", "ở vùng núi"],
    "hill": ["trên đồi", "trên ngọn đồi xanh", "trên bãi cỏ"],
    "field": ["trên cánh đồng", "ngoài đồng"],
    "forest": ["trong rừng", "trong khu rừng"],
    "snow": ["trong tuyết", "trên tuyết", "mùa đông"],
    "desert": ["trên sa mạc", "giữa sa mạc"],
    "sea": ["trên biển", "giữa biển"],
    "beach": ["trên bãi biển", "ở bãi biển"],
    "lake": ["bên hồ", "cạnh hồ nước"],
    "city": ["trong thành phố", "trên phố"],
    "room": ["trong phòng", "trong nhà"],
    "underwater": ["dưới nước", "dưới biển"],
    "sky": ["trên bầu trời", "trên trời"],
}

ALONE: Phrases = {
    "mountains": ["núi", "dãy núi", "phong cảnh núi non"],
    "hill": ["đồi xanh", "những ngọn đồi", "đồng cỏ"],
    "field": ["cánh đồng", "đồng quê"],
    "forest": ["khu rừng", "rừng thông"],
    "snow": ["tuyết rơi", "phong cảnh mùa đông"],
    "desert": ["sa mạc", "đồi cát"],
    "sea": ["biển", "sóng biển", "đại dương"],
    "beach": ["bãi biển", "bờ biển"],
    "lake": ["hồ nước", "một cái hồ"],
    "city": ["thành phố", "đường chân trời thành phố"],
    "room": ["căn phòng", "phòng khách"],
    "underwater": ["dưới đáy biển"],
    "sky": ["bầu trời"],
}

TIMES: Phrases = {
    "day": ["", "", "ban ngày", "dưới bầu trời xanh", "ngày nắng"],
    "sunset": ["lúc hoàng hôn", "hoàng hôn"],
    "sunrise": ["lúc bình minh", "bình minh"],
    "night": ["vào ban đêm", "ban đêm", "dưới ánh trăng"],
    "starry": ["dưới bầu trời đầy sao", "đêm đầy sao"],
}

ADJECTIVES: list[str] = ["dễ thương", "đáng yêu", "xinh đẹp", "đẹp", "vui vẻ"]

QUALITIES: list[str] = ["chi tiết cao", "chất lượng cao", "tuyệt đẹp", "tranh minh họa", "sắc nét", "8k"]

OPENINGS: list[str] = ["bức tranh", "tranh vẽ", "hình ảnh", "ảnh", "hãy vẽ", "cho tôi", "đây là"]

SIZES = {"small": " nhỏ", "big": " to"}
PLACES = {"left": " bên trái", "right": " bên phải", "center": " ở giữa"}


def subject_phrase(subject: Subject, r: random.Random) -> str:
    """For example "một con mèo màu cam nhỏ bên trái" (a small orange cat on the left)."""
    phrase = subject.vietnamese
    if subject.colour and subject.names_colour:
        phrase += r.choice([" màu ", " ", " màu "]) + r.choice(COLOURS[subject.colour])
    if subject.size:
        phrase += SIZES[subject.size]
    if subject.has_adjective:
        phrase += " " + r.choice(ADJECTIVES)
    if r.random() < 0.6 and subject.name not in ("sun", "moon", "rainbow"):
        phrase = "một " + phrase
    return phrase + (PLACES[subject.place] if subject.place else "")


def background_phrase(colour: str, r: random.Random) -> str:
    """For example " trên nền màu đỏ" (on a red background)."""
    return r.choice([" trên nền màu ", " trên nền ", ", nền "]) + r.choice(COLOURS[colour])


def scenery_phrase(setting: str, time: str | None, time_phrase: str, r: random.Random) -> str:
    """For example "hoàng hôn trên núi" (sunset over mountains)."""
    place = r.choice(ALONE[setting])
    if time and time != "day" and setting == "sky":
        return r.choice(TIMES[time]) + r.choice(["", " trên bầu trời"])
    if time_phrase and r.random() < 0.5:
        return time_phrase + r.choice([" trên ", " ở ", " "]) + place
    return place + (r.choice([" ", " ", ", "]) + time_phrase if time_phrase else "")


def without_accents(phrase: str) -> str:
    """The phrase as people type it on a keyboard without Vietnamese letters."""
    decomposed = unicodedata.normalize("NFD", phrase.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


VIETNAMESE = Language(
    around=AROUND,
    times=TIMES,
    qualities=QUALITIES,
    openings=OPENINGS,
    conjunctions=[" và ", " và ", ", ", " cạnh ", " bên cạnh "],
    last=" và ",
    subject=subject_phrase,
    background=background_phrase,
    scenery=scenery_phrase,
)
