import { applyTheme, remembered, themeOf } from './theme.ts';

// Runs before the first picture, so that a page that was chosen to be dark is never seen light.
applyTheme(themeOf(remembered('theme')));
