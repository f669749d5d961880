// Runs in the page, once for each view of a lab: its size, and names for those who cannot see it.
// It is the handler of an element, of which bare names are looked up first: hence `window.`.
const lab = this.closest('.condensekit-lab');
const all = (what, within = lab) => [...within.querySelectorAll(what)];
const LEFT = 304, NARROW = 460, LEAST = 0.6, TEXT = 0.78, MOST = 1.8;

// bqplot lays a picture out for the pixels it takes; scaled ones are laid out for those it has.
const measure = () => all('.bqplot').forEach((picture) => {
  if (Object.hasOwn(picture, 'getBoundingClientRect')) return;
  picture.getBoundingClientRect = () => {
    const { x, y } = Element.prototype.getBoundingClientRect.call(picture);
    return new DOMRect(x, y, picture.offsetWidth, picture.offsetHeight);
  };
});

// A text keeps all height that it once took in this room, so that nothing below it moves; a verdict
// has a line to spare.
const texts = () => all('.widget-html-content').filter((text) => !text.closest('.condensekit-folds'));
const held = new ResizeObserver((changed) => { changed.forEach(({ target }) => hold(target)); fit(); });
const hold = (text, spare = 0) => {
  const { height } = getComputedStyle(text);  // of what is not seen: auto
  text.style.minHeight = spare ? `calc(${height} + ${spare})` : height;
};
const release = () => texts().forEach((text) => { text.style.minHeight = ''; });
const keep = () => texts().forEach((text) => {
  const line = text.closest('.condensekit-verdict') && text.firstElementChild;
  hold(text, line ? getComputedStyle(line).lineHeight : 0);
  held.observe(text);
});

// What fits: it is asked for again only when there is other room, or there are other pictures.
let known = '';
const fit = () => {
  if (lab.classList.contains('condensekit-presenting')) return stage();
  const page = lab.parentElement, grid = lab.querySelector('.condensekit-grid');
  if (!page?.clientWidth || !grid) return;
  const { paddingLeft, paddingRight } = getComputedStyle(page);
  const room = page.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  const scroller = lab.closest('.jp-WindowedPanel-outer, .jp-Notebook') ?? document.documentElement;
  const above = lab.getBoundingClientRect().top + scrollY;  // of a page of its own: its heading
  const height = scroller.clientHeight - (scroller === document.documentElement && above < 200 ? above : 0);
  const pictures = all('.condensekit-picture').filter((one) => one.offsetWidth);
  const widths = pictures.map((one) => one.offsetWidth + 8);
  const now = [room, height, devicePixelRatio, widths].join();
  if (!pictures.length || now === known) return;
  known = now;
  release();
  lay(room, height, grid, pictures, widths);
  keep();
};
const lay = (room, height, grid, pictures, widths) => {
  const scale = (value, stacked = false) => {
    lab.style.setProperty('--condensekit-zoom', value.toFixed(3));
    lab.classList.toggle('condensekit-stacked', stacked);
    pictures.forEach((one, k) => { one.style.zoom = stacked ? room / value / widths[k] : 1; });
  };
  // As many columns of pictures beside the controls as can be read; else all below each other.
  const whole = Math.min(parseFloat(getComputedStyle(grid).maxWidth), widths.reduce((a, b) => a + b));
  const widest = Math.max(...widths), least = Math.max(LEAST, TEXT / devicePixelRatio);
  const fewer = (columns) => LEFT + Math.max(columns * widest, NARROW);
  let needed = LEFT + whole, columns = Math.ceil(whole / widest);
  while (room / needed < least && --columns) needed = fewer(columns);
  if (!columns) return scale(Math.max(LEAST, Math.min(room / 364, 1)), true);
  if (needed < LEFT + whole) return scale(Math.min(room / needed, 1));
  const largest = Math.min(room / needed, MOST);
  scale(largest);
  const high = (name) => all(`.condensekit-${name}`).reduce((sum, one) => sum + one.offsetHeight, 0);
  const tall = Math.max(high('right'), high('left') - high('unfolded')) + high('verdict') + 45;
  scale(Math.max(least, Math.min(largest, height / tall)));
};

// Sliders get a name and the value that stands beside them; pictures the words above them.
const name = () => {
  for (const handle of all('.noUi-handle')) {
    const slider = handle.closest('.widget-slider');
    const beside = slider.parentElement.querySelector('.NAMED input');
    const clock = slider.closest('.condensekit-scrub') && lab.querySelector('.condensekit-moment');
    const said = beside?.value ?? (clock ?? slider.querySelector('.widget-readout'))?.textContent;
    handle.ariaLabel = slider.querySelector('.widget-label').textContent;
    if (said && handle.getAttribute('aria-valuetext') !== said) handle.setAttribute('aria-valuetext', said);
  }
  // Keys of a list are not the notebook's: an arrow would leave it, a letter insert a cell.
  all('select, .noUi-handle, input[type=checkbox]').forEach((part) => { part.dataset.lmSuppressShortcuts = 'true'; });
  for (const picture of all('.condensekit-picture')) {
    const words = picture.querySelector('.widget-html-content > div');
    for (const drawn of all('svg.svg-figure, img', picture)) {
      if (drawn.tagName !== 'IMG') drawn.setAttribute('role', 'img');
      const told = words?.innerText.replace(/\s+/g, ' ') ?? '';
      if (drawn.ariaLabel !== told) drawn.ariaLabel = told;
    }
  }
};

PRESENTING
lab.condensekitEnd?.();  // a lab that was taken out of the page and put back
let soon = 0;  // pictures change many times in a frame
const changed = new MutationObserver((records) => {
  const outside = (what) => records.some(({ target }) => !target.closest(what));
  if (!outside('svg')) return;
  measure();
  heard();
  if (outside('svg, .widget-html-content, .widget-label, .widget-readout')) soon ||= requestAnimationFrame(() => { soon = 0; fit(); });
});
const sized = new ResizeObserver(() => fit());
const again = () => fit();
const timer = setInterval(() => lab.isConnected ? (name(), fit()) : lab.condensekitEnd(), 500);
lab.condensekitEnd = () => {
  clearInterval(timer); changed.disconnect(); sized.disconnect(); held.disconnect();
  window.removeEventListener('resize', again);
  lab.removeEventListener('focusin', name);
  lab.removeEventListener('click', clicked);
  window.removeEventListener('keydown', pressed, true);
};
changed.observe(lab, { childList: true, subtree: true });
sized.observe(lab.parentElement);
window.addEventListener('resize', again);
lab.addEventListener('focusin', name);
lab.addEventListener('click', clicked);
window.addEventListener('keydown', pressed, true);
measure(); fit(); name();
