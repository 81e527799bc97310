// A mini app in a frame over the chat: the other end of Telegram's bridge.
// Source: https://docs.telegram-mini-apps.com/platform/methods

function make(name, className, text = '') {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function themeOf() {
  const isDark = matchMedia('(prefers-color-scheme: dark)').matches;
  return isDark
    ? {bg_color: '#17212b', secondary_bg_color: '#232e3c', text_color: '#f5f5f5', hint_color: '#a3b1bf',
       link_color: '#7db8f0', button_color: '#2673bb', button_text_color: '#ffffff'}
    : {bg_color: '#ffffff', secondary_bg_color: '#f1f3f6', text_color: '#111418', hint_color: '#5c6570',
       link_color: '#0b62b5', button_color: '#1465b3', button_text_color: '#ffffff'};
}

// Shows the page at the address as Telegram would; closes with its own button, Escape, or as the page asks.
export function openWebApp(url, initData) {
  if (!/^https?:\/\//.test(url)) return;
  const dialog = make('dialog', 'web-app');
  dialog.dataset.testid = 'web-app';
  const back = make('button', 'icon-button', '←');
  const close = make('button', 'icon-button', '✕');
  const main = make('button', 'web-app-main');
  const frame = make('iframe', 'web-app-frame');
  back.type = close.type = main.type = 'button';
  back.hidden = main.hidden = true;
  back.setAttribute('aria-label', 'Back');
  close.setAttribute('aria-label', 'Close');
  frame.title = 'Mini app';
  const bar = make('div', 'web-app-bar');
  bar.append(back, close);
  dialog.append(bar, frame, main);

  const launch = new URLSearchParams({
    tgWebAppData: initData,
    tgWebAppVersion: '8.0',
    tgWebAppPlatform: 'emulator',
    tgWebAppThemeParams: JSON.stringify(themeOf()),
  });
  frame.src = `${url.split('#')[0]}#${launch}`;
  const origin = new URL(url).origin;
  const tell = (eventType, eventData = {}) =>
    frame.contentWindow?.postMessage(JSON.stringify({eventType, eventData}), origin);

  let asksBeforeClosing = false;
  const end = () => {
    if (asksBeforeClosing && !confirm('Close it? Something is not sent yet.')) return;
    dialog.close();
  };
  const answers = {
    web_app_close: () => dialog.close(),
    web_app_request_theme: () => tell('theme_changed', {theme_params: themeOf()}),
    web_app_request_viewport: () => tell('viewport_changed', {
      height: frame.clientHeight, width: frame.clientWidth, is_expanded: true, is_state_stable: true,
    }),
    web_app_request_safe_area: () => tell('safe_area_changed', {top: 0, bottom: 0, left: 0, right: 0}),
    web_app_request_content_safe_area: () =>
      tell('content_safe_area_changed', {top: 0, bottom: 0, left: 0, right: 0}),
    web_app_setup_back_button: (data) => { back.hidden = !data.is_visible; },
    web_app_setup_main_button: (data) => {
      if (typeof data.text === 'string') main.textContent = data.text;
      main.hidden = !data.is_visible;
    },
    web_app_setup_closing_behavior: (data) => { asksBeforeClosing = Boolean(data.need_confirmation); },
    web_app_open_link: (data) => open(data.url, '_blank', 'noopener'),
    web_app_open_tg_link: (data) => open(`https://t.me${data.path_full}`, '_blank', 'noopener'),
    web_app_trigger_haptic_feedback: () => navigator.vibrate?.(10),
  };
  const hear = (event) => {
    if (event.source !== frame.contentWindow) return;
    try {
      const {eventType, eventData} = JSON.parse(event.data);
      answers[eventType]?.(eventData ?? {});
    } catch {
      // Not of the bridge.
    }
  };
  addEventListener('message', hear);
  back.addEventListener('click', () => tell('back_button_pressed'));
  main.addEventListener('click', () => tell('main_button_pressed'));
  close.addEventListener('click', end);
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    end();
  });
  dialog.addEventListener('close', () => {
    removeEventListener('message', hear);
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
}
