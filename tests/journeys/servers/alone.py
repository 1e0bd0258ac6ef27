"""The command without the sites that come with it, also in its workers: these tests ask no server but their own."""

import venues.app

venues.app.packaged_sites = lambda: ()  # type: ignore[assignment]

if __name__ == "__main__":
    from venues.cli import main

    main()
