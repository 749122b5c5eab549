/** Light or dark: as the machine says, or as chosen. The choice is a cookie, so that the server draws it at once. */
export const themes = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export const themeCookie = 'tillmesh-theme';

export const readTheme = (text: string | undefined): Theme =>
  themes.find((theme) => theme === text) ?? 'auto';

export function chooseTheme(theme: Theme): void {
  const year = theme === 'auto' ? 0 : 365 * 86_400;
  document.cookie = `${themeCookie}=${theme}; Path=/; SameSite=Strict; Max-Age=${year}`;
  if (theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

/** As this browser has chosen it. */
export const chosenTheme = (): Theme => readTheme(document.documentElement.dataset['theme']);
