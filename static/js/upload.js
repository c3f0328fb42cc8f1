// A file is chosen or dropped: its name is shown, and the button says that it is on its way.

const dropOf = (event) => event.target instanceof Element && event.target.closest("[data-drop]");

const tell = (drop) => {
  const file = drop.querySelector("input[type=file]").files[0];
  if (!file) return;
  const size = file.size < 1048576 ? `${Math.max(1, Math.round(file.size / 1024))} kB` : `${(file.size / 1048576).toFixed(1)} MB`;
  drop.querySelector("[data-file-name]").textContent = `${file.name}, ${size}`;
  drop.classList.add("drop-chosen");
};

for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const drop = dropOf(event);
    if (!drop) return;
    event.preventDefault();
    drop.classList.toggle("drop-over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) {
      drop.querySelector("input[type=file]").files = event.dataTransfer.files;
      tell(drop);
    }
  });
}

document.addEventListener("change", (event) => {
  const drop = dropOf(event);
  if (drop) tell(drop);
});

document.addEventListener("submit", (event) => {
  const button = event.target.matches("[data-upload]") && event.target.querySelector("[data-busy]");
  if (!button) return;
  button.textContent = button.dataset.busy;
  button.setAttribute("aria-disabled", "true");
});
