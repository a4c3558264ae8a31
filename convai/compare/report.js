"use strict";
// Players: one at a time, a line in the drawing that follows, turns to jump to.
for (const card of document.querySelectorAll(".card")) {
  const audio = card.querySelector("audio");
  const talk = card.querySelector(".talk");
  if (!audio || !talk) continue;
  const playhead = talk.querySelector(".playhead");
  const longest = Number(talk.dataset.longest);

  const follow = () => {
    const x = `${(audio.currentTime / longest) * 100}%`;
    playhead.setAttribute("x1", x);
    playhead.setAttribute("x2", x);
    if (!audio.paused) requestAnimationFrame(follow);
  };
  const playFrom = (seconds) => {
    audio.currentTime = seconds;
    audio.play().catch(() => {}); // paused again before it began
  };

  audio.addEventListener("play", () => {
    for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
    card.classList.add("playing");
    follow();
  });
  audio.addEventListener("seeked", follow);
  talk.addEventListener("click", (event) => {
    const box = talk.getBoundingClientRect();
    playFrom(((event.clientX - box.left) / box.width) * longest);
  });
  for (const button of card.querySelectorAll("[data-at]")) {
    button.addEventListener("click", () => playFrom(Number(button.dataset.at)));
  }
}
