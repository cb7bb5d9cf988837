/* What the dashboard does besides htmx: it is quiet when nobody looks, and says when it is cut off. */

const SECOND = 1000;
let cutOffSince = null;

// htmx may run code from attributes. Ours never ask for it, and the page's policy forbids it.
function refuseCode() {
  throw new Error('code in attributes is not run here');
}
htmx.registerExtension('calmops', {
  init: (api) => api.initSecurity(undefined, refuseCode, refuseCode),
});

document.addEventListener('htmx:before:request', (event) => {
  if (document.hidden) event.preventDefault();
});

document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  for (const part of document.querySelectorAll('[hx-trigger^="every"]')) {
    htmx.trigger(part, 'every');
  }
});

document.addEventListener('htmx:error', cutOff);
document.addEventListener('htmx:response:error', cutOff);
document.addEventListener('htmx:after:swap', () => {
  if (cutOffSince === null) return;
  cutOffSince = null;
  document.getElementById('connection').hidden = true;
});

function cutOff() {
  cutOffSince ??= new Date(Math.floor(Date.now() / SECOND) * SECOND);
  const notice = document.getElementById('connection');
  notice.textContent = `The dashboard does not answer. What you see is from ${cutOffSince.toISOString().slice(11, 19)} UTC.`;
  notice.hidden = false;
}

// A form that was sent is on its way: sending it again would only ask twice.
document.addEventListener('submit', (event) => {
  const button = event.target.querySelector('button[type="submit"]');
  if (button === null) return;
  button.disabled = true;
  window.addEventListener('pageshow', () => {
    button.disabled = false;
  });
});
