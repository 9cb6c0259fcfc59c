using MudBlazor;

namespace Distribyted.Dashboard.Shell;

/// <summary>Colours and fonts of one open page.</summary>
internal sealed class PageLook
{
    private static readonly string[] Fonts = ["system-ui", "-apple-system", "Segoe UI", "Ubuntu", "Cantarell", "Noto Sans", "sans-serif"];

    /// <summary>For all pages. Text on each background has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3).</summary>
    public static MudTheme Theme { get; } =
        new()
        {
            PaletteLight = new PaletteLight
            {
                Primary = "#0b5cad",
                Secondary = "#5b4b9a",
                Info = "#0b5cad",
                Success = "#1b6e3c",
                Warning = "#8a5300",
                Error = "#b3261e",
                Background = "#f6f7f9",
                Surface = "#ffffff",
                AppbarBackground = "#ffffff",
                AppbarText = "#1b2430",
                DrawerBackground = "#ffffff",
                DrawerText = "#1b2430",
                TextPrimary = "#1b2430",
                TextSecondary = "#4d5866",
                TextDisabled = "#6b7480",
                ActionDefault = "#4d5866",
                LinesDefault = "#dfe3e8",
                LinesInputs = "#767f8a",
                TableLines = "#e6e9ed",
                Divider = "#dfe3e8",
            },
            PaletteDark = new PaletteDark
            {
                Primary = "#7ab7ff",
                PrimaryContrastText = "#06203c",
                Secondary = "#c0b2ff",
                SecondaryContrastText = "#1f1548",
                Info = "#7ab7ff",
                InfoContrastText = "#06203c",
                Success = "#7fd6a0",
                SuccessContrastText = "#06301a",
                Warning = "#f3bd6b",
                WarningContrastText = "#3a2400",
                Error = "#ff9a92",
                ErrorContrastText = "#450a06",
                Background = "#12161c",
                Surface = "#1b212a",
                AppbarBackground = "#1b212a",
                AppbarText = "#e6eaf0",
                DrawerBackground = "#1b212a",
                DrawerText = "#e6eaf0",
                TextPrimary = "#e6eaf0",
                TextSecondary = "#aeb7c2",
                TextDisabled = "#8d97a3",
                ActionDefault = "#aeb7c2",
                LinesDefault = "#323b47",
                LinesInputs = "#8792a0",
                TableLines = "#2b333e",
                Divider = "#323b47",
            },
            LayoutProperties = new LayoutProperties { DefaultBorderRadius = "10px" },
            Typography = new Typography
            {
                Default = new DefaultTypography { FontFamily = Fonts, LineHeight = "1.5" },
                Button = new ButtonTypography
                {
                    FontFamily = Fonts,
                    TextTransform = "none",
                    FontWeight = "600",
                },
            },
        };

    /// <summary>Whether the page is dark.</summary>
    public bool IsDark { get; set; }
}
