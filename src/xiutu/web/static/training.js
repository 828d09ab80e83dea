// A training as it goes: asks once a second, and shows the evaluation when it is over.

const box = document.querySelector("#training");
const share = document.querySelector("#share");
const percent = document.querySelector("#percent");
const step = document.querySelector("#step");

async function ask() {
  if (!document.hidden) {
    const answer = await fetch(box.dataset.state).catch(() => null);
    if (answer?.redirected) return location.reload(); // signed out
    if (answer?.ok) {
      const value = await answer.json();
      if (value.over) return location.reload();
      share.value = value.progress;
      percent.textContent = `${Math.round(100 * value.progress)} %`;
      if (step.textContent !== value.step) step.textContent = value.step;
    }
  }
  setTimeout(ask, 1000);
}

setTimeout(ask, 500);
