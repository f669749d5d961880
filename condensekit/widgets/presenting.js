// A lab that fills the page for the last row of a lecture hall: a few pictures, in large type.
const ROWS = 30;  // of text, at least 12 pixels high before all is scaled, in the height of the page
const READABLE = 280;  // pixels that a picture needs beside another one
const drawn = () => all('.condensekit-picture').filter((one) => one.style.visibility !== 'hidden');
const LEAST_HIGH = 90;
let chosen = [], forms = new Map(), height = 150;
const form = (one) => {
  const picture = one.querySelector('.bqplot');
  return picture?.matches('.condensekit-round, :has(image)') ? picture.offsetWidth / picture.offsetHeight : 0;
};
const zoomed = () => innerHeight / (12 * ROWS);
const most = () => Math.max(1, Math.floor((innerWidth / zoomed() - 16) / READABLE));

// As large as the page: what is not a picture takes what it needs, the pictures the rest.
const stage = () => {
  const zoom = zoomed(), wide = innerWidth / zoom - 16;
  const room = [innerWidth, innerHeight, devicePixelRatio, chosen].join(), other = room !== known;
  known = room;
  if (other) release();
  lab.style.setProperty('--condensekit-zoom', zoom.toFixed(3));
  lab.classList.remove('condensekit-stacked');
  const pictures = drawn().filter((one, k) => chosen.includes(k));
  for (const one of all('.condensekit-picture')) {
    one.classList.toggle('condensekit-away', !pictures.includes(one));
    one.style.zoom = 1;
  }
  const share = Math.floor(wide / Math.max(1, pictures.length) - 8);
  lab.style.setProperty('--condensekit-wide', `${share}px`);
  if (other) keep();
  const body = lab.querySelector('.condensekit-body');
  const left = 12 * ROWS - 6 - body.offsetTop - body.offsetHeight;
  const solid = pictures.filter((one) => !one.querySelector('.bqplot, img'));  // of cells of a size
  for (const { lastElementChild: cells } of solid) {
    const scale = Number(cells.style.zoom) || 1;
    cells.style.zoom = Math.min(1, Math.max(0.8, scale * (1 + left / (cells.offsetHeight * scale)))).toFixed(2);
  }
  height = Math.max(LEAST_HIGH, height + left);
  lab.style.setProperty('--condensekit-high', `${height}px`);
  for (const one of pictures) {  // a matrix and a round map keep it
    const own = Math.min(share, Math.floor(forms.get(one) * height));
    one.style.setProperty('--condensekit-own', own ? `${own}px` : '');
  }
};

const present = (on, pictures) => {
  if (!lab.showPopover || on === lab.classList.contains('condensekit-presenting')) return;
  if (on) forms = new Map(drawn().map((one) => [one, form(one)]));
  chosen = pictures?.length ? pictures : [...Array(most()).keys()];
  lab.classList.toggle('condensekit-presenting', on);
  lab.classList.remove('condensekit-opened');
  const button = lab.querySelector('.condensekit-present button');
  button.ariaPressed = on;
  button.textContent = on ? button.dataset.back : button.dataset.present;
  if (on) {
    lab.popover = 'manual';  // above everything else in the page; Esc is heard below
    lab.showPopover();
    lab.querySelector('.condensekit-scrub .noUi-handle')?.focus();
  } else {
    lab.hidePopover();
    lab.removeAttribute('popover');
    all('.condensekit-picture > :last-child').forEach((one) => { one.style.zoom = ''; });
    all('.condensekit-away').forEach((one) => one.classList.remove('condensekit-away'));
    known = '';
  }
  fit();
};

// Keys of one who presents: Esc ends, digits choose pictures, c opens the controls, the space bar
// plays, and a clicker goes from event to event.
const clock = () => [...lab.querySelector('.condensekit-scrub')?.parentElement.querySelectorAll(':scope > button') ?? []];
const AT = { ' ': 0, PageUp: 1, PageDown: 2 };
const pressed = (event) => {
  if (!lab.classList.contains('condensekit-presenting')) return;
  const typing = event.target.matches?.('input:not([type=checkbox]), textarea, select');
  const digit = event.key >= '1' && event.key <= '9' ? Number(event.key) - 1 : -1;
  if (event.key === 'Escape') present(false);
  else if (typing || event.ctrlKey || event.altKey || event.metaKey) return;
  else if (event.key in AT && !(event.key === ' ' && event.target.matches?.('button'))) clock()[AT[event.key]]?.click();
  else if (event.key === 'c') lab.classList.toggle('condensekit-opened');
  else if (digit >= 0 && digit < drawn().length) {
    const others = chosen.filter((one) => one !== digit);
    const fewer = others.length < chosen.length;  // it is seen already, and goes unless it is alone
    chosen = fewer && others.length ? others : [...others, digit].slice(-most());
    stage();
  } else return;
  event.stopPropagation();
  event.preventDefault();
};

// Asked for by Python: a number that counts, and the pictures.
let asked = lab.querySelector('[data-asked]')?.dataset.asked;
const heard = () => {
  const now = lab.querySelector('[data-asked]')?.dataset.asked;
  if (now === undefined || now === asked) return;
  asked = now;
  const [, ...pictures] = now.split(' ').map(Number);
  if (lab.offsetWidth) { present(false); present(true, pictures); }
};
const clicked = (event) => {
  if (event.target.closest?.('.condensekit-present')) present(!lab.classList.contains('condensekit-presenting'));
};
