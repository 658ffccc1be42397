"""What people see: pages, maps, charts, texts in two languages. The only home of Streamlit and folium."""
